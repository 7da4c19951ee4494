// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/core/admission.hpp"

#include <gtest/gtest.h>

namespace rostrum::presence {
namespace {

/// Epoch 5, of which ten observations are stored.
Admission told(std::int64_t epoch, std::int64_t first, std::size_t count) {
  return admit({.epoch = 5, .last_sequence = 10}, epoch, first, count);
}

TEST(Admission, stores_what_follows) {
  const auto admission = told(5, 11, 3);
  EXPECT_EQ(admission.verdict, Verdict::kStored);
  EXPECT_EQ(admission.repeats, 0U);
}

TEST(Admission, drops_what_is_stored_already) {
  EXPECT_EQ(told(5, 1, 10).verdict, Verdict::kStored);
  EXPECT_EQ(told(5, 1, 10).repeats, 10U);
  EXPECT_EQ(told(5, 3, 2).repeats, 2U) << "a whole frame from long ago";
  EXPECT_EQ(told(5, 9, 5).repeats, 2U) << "the first two of five";
}

TEST(Admission, refuses_what_comes_after_a_gap) {
  EXPECT_EQ(told(5, 12, 1).verdict, Verdict::kGap);
  EXPECT_EQ(told(5, std::numeric_limits<std::int64_t>::max(), 1).verdict, Verdict::kGap);
}

TEST(Admission, refuses_what_is_said_under_another_epoch) {
  for (const auto epoch : {1, 4, 6}) EXPECT_EQ(told(epoch, 11, 1).verdict, Verdict::kStale) << epoch;
  EXPECT_EQ(told(4, 1, 1).verdict, Verdict::kStale) << "also what would be a repeat";
}

}  // namespace
}  // namespace rostrum::presence
