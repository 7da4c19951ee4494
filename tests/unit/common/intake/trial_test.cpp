// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/intake/trial.hpp"

#include <gtest/gtest.h>

namespace rostrum::intake {
namespace {

using enum Trial::Verdict;
using Witness = Trial::Witness;

TEST(Trial, finds_an_event_guilty_when_the_witness_was_accepted_three_times) {
  Trial trial;
  EXPECT_EQ(trial.rehearsed(Witness::kAccepted), kOpen);
  EXPECT_EQ(trial.rehearsed(Witness::kAccepted), kOpen);
  EXPECT_EQ(trial.rehearsed(Witness::kAccepted), kGuilty);
}

TEST(Trial, begins_anew_when_the_witness_fails_too) {
  Trial trial;
  for (int round = 0; round < 10; ++round) {
    EXPECT_EQ(trial.rehearsed(Witness::kAccepted), kOpen);
    EXPECT_EQ(trial.rehearsed(Witness::kAccepted), kOpen);
    EXPECT_EQ(trial.rehearsed(Witness::kFailed), kOpen);
  }
}

TEST(Trial, learns_nothing_from_a_witness_that_is_rejected) {
  Trial trial;
  for (int round = 0; round < 10; ++round) EXPECT_EQ(trial.rehearsed(Witness::kRejected), kOpen);
  EXPECT_EQ(trial.rehearsed(Witness::kAccepted), kOpen);
  EXPECT_EQ(trial.rehearsed(Witness::kRejected), kOpen);
  EXPECT_EQ(trial.rehearsed(Witness::kAccepted), kOpen);
  EXPECT_EQ(trial.rehearsed(Witness::kAccepted), kGuilty);
}

TEST(Trial, of_a_database_that_fails_for_all_never_ends) {
  Trial trial;
  EXPECT_TRUE(trial.begins());
  for (int round = 0; round < 1'000; ++round) EXPECT_EQ(trial.rehearsed(Witness::kFailed), kOpen);
  EXPECT_FALSE(trial.begins());
}

}  // namespace
}  // namespace rostrum::intake
