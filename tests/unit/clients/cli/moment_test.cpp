// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/moment.hpp"

#include <gtest/gtest.h>

namespace rostrum::cli {
namespace {

using namespace std::chrono_literals;

const Moment kNow =
    std::chrono::sys_days(std::chrono::year(2026) / std::chrono::November / std::chrono::day(25)) + 20h +
    30min;

/// As RFC 3339, or "no moment".
std::string read(const std::string& text) {
  const auto moment = parse_moment(text, kNow);
  return moment ? to_rfc3339(*moment) : "no moment";
}

TEST(Moment, so_long_ago) {
  EXPECT_EQ(read("15m"), "2026-11-25T20:15:00.000000Z");
  EXPECT_EQ(read("1d30m"), "2026-11-24T20:00:00.000000Z");
}

TEST(Moment, the_last_time_it_was_that_late) {
  EXPECT_EQ(read("20:15"), "2026-11-25T20:15:00.000000Z");
  EXPECT_EQ(read("20:30"), "2026-11-25T20:30:00.000000Z");
  EXPECT_EQ(read("20:31"), "2026-11-24T20:31:00.000000Z");
  EXPECT_EQ(read("9:05:07"), "2026-11-25T09:05:07.000000Z");
}

TEST(Moment, is_none_before_anybody_was_seen_nor_beyond_four_digits_of_a_year) {
  EXPECT_EQ(read("1970-01-01"), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(read("9999-12-31 23:59:59"), "9999-12-31T23:59:59.000000Z");
  for (const auto* text :
       {"0000-01-01", "1969-12-31 23:59:59", "1970-01-01 00:00+01:00", "9999-12-31 23:59-01:00"})
    EXPECT_EQ(read(text), "no moment") << text;
}

TEST(Moment, in_the_calendar_in_utc_unless_it_says_otherwise) {
  EXPECT_EQ(read("2026-11-25"), "2026-11-25T00:00:00.000000Z");
  EXPECT_EQ(read("2026-11-25 20:15"), "2026-11-25T20:15:00.000000Z");
  EXPECT_EQ(read("2026-11-25 20:15:01Z"), "2026-11-25T20:15:01.000000Z");  // as our tables show it
  EXPECT_EQ(read("2026-11-25 20:15 UTC"), "2026-11-25T20:15:00.000000Z");
  EXPECT_EQ(read("2026-11-25T20:15:01.5+01:00"), "2026-11-25T19:15:01.500000Z");
  EXPECT_EQ(read("2026-11-25T23:45:00-0530"), "2026-11-26T05:15:00.000000Z");
  EXPECT_EQ(read("2026-11-25T20:15:01.123456789Z"), "2026-11-25T20:15:01.123456Z");
  EXPECT_EQ(read("2024-02-29"), "2024-02-29T00:00:00.000000Z");
}

TEST(Moment, is_nothing_else) {
  for (const auto* text :
       {"", "now", "yesterday", "24:00", "20:60", "2026-02-29", "2026-13-01", "2026-11-25 25:00",
        "2026-11-25 20", "2026-11-25T", "25.11.2026", "20:15+01:00", "2026-11-25 20:15 +1",
        "2026-11-25 20:15:00 2026-11-25 20:15:00 2026-11-25", "-15m", "2026-11-25\n"}) {
    EXPECT_EQ(read(text), "no moment") << text;
  }
}

}  // namespace
}  // namespace rostrum::cli
