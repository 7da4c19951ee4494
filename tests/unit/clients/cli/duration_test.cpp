// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/duration.hpp"

#include <gtest/gtest.h>

namespace rostrum::cli {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Duration, reads_numbers_with_units_largest_first) {
  EXPECT_EQ(parse_duration("90s"), seconds(90));
  EXPECT_EQ(parse_duration("15m"), minutes(15));
  EXPECT_EQ(parse_duration("2h"), hours(2));
  EXPECT_EQ(parse_duration("3d"), hours(72));
  EXPECT_EQ(parse_duration("1d2h3m4s"), hours(26) + minutes(3) + seconds(4));
  EXPECT_EQ(parse_duration("366d"), hours(24 * 366));
}

TEST(Duration, refuses_everything_else) {
  for (const auto* text : {"", "5", "s", "5x", "m5", "5m2h", "5m5m", "-5m", "+5m", "5 m", "1.5h", "0s",
                           "367d", "99999999999d", "4294967296s", "5m ", "5M"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Duration, is_shown_by_its_two_largest_units) {
  EXPECT_EQ(readable_duration(seconds(0)), "0s");
  EXPECT_EQ(readable_duration(seconds(59)), "59s");
  EXPECT_EQ(readable_duration(seconds(3'588)), "59m 48s");
  EXPECT_EQ(readable_duration(hours(2)), "2h");
  EXPECT_EQ(readable_duration(hours(76) + seconds(5)), "3d 4h");
}

}  // namespace
}  // namespace rostrum::cli
