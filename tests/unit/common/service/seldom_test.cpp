// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/service/seldom.hpp"

#include <gtest/gtest.h>

namespace rostrum::service {
namespace {

TEST(Seldom, lets_ten_lines_pass_in_ten_seconds_and_counts_the_others) {
  Seldom lines;
  const MonoTime begin = MonoTime{} + std::chrono::hours(1);
  for (int line = 0; line < 10; ++line) EXPECT_EQ(lines.pass(begin), 0U);
  for (int line = 0; line < 1'000; ++line) EXPECT_FALSE(lines.pass(begin + Milliseconds{9'999}));
  EXPECT_EQ(lines.pass(begin + Milliseconds{10'000}), 1'000U);
  EXPECT_EQ(lines.pass(begin + Milliseconds{10'001}), 0U) << "they are told once";
}

}  // namespace
}  // namespace rostrum::service
