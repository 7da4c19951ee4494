// SPDX-License-Identifier: Apache-2.0
#include "common/base/backoff.hpp"

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

namespace rostrum {
namespace {

using std::chrono_literals::operator""ms;

/// The shortest and the longest of many delays.
std::pair<Milliseconds, Milliseconds> range(const Backoff& backoff, unsigned failures) {
  SeededRandom random(7);
  auto least = Milliseconds::max();
  auto most = Milliseconds::zero();
  for (int i = 0; i < 2000; ++i) {
    const auto delay = backoff.delay(failures, random);
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  return {least, most};
}

TEST(Backoff, waits_between_half_and_the_whole_of_a_doubling_step) {
  const Backoff backoff{.first = 100ms, .cap = 1000ms};
  EXPECT_EQ(range(backoff, 1), std::pair(50ms, 100ms));
  EXPECT_EQ(range(backoff, 2), std::pair(100ms, 200ms));
  EXPECT_EQ(range(backoff, 3), std::pair(200ms, 400ms));
}

TEST(Backoff, never_waits_longer_than_the_cap) {
  const Backoff backoff{.first = 100ms, .cap = 1000ms};
  for (const unsigned failures : {5U, 6U, 64U, std::numeric_limits<unsigned>::max()}) {
    const auto [least, most] = range(backoff, failures);
    EXPECT_GE(least, 500ms);
    EXPECT_LE(most, 1000ms);
  }
}

TEST(Backoff, does_not_overflow_below_an_enormous_cap) {
  const Backoff backoff{.first = 3ms, .cap = Milliseconds::max()};
  SeededRandom random(7);
  EXPECT_GE(backoff.delay(1000, random), Milliseconds::max() / 2);
}

TEST(Backoff, can_be_as_short_as_a_millisecond) {
  const auto [least, most] = range({.first = 1ms, .cap = 1ms}, 9);
  EXPECT_EQ(least, 1ms);
  EXPECT_EQ(most, 1ms);
}

TEST(BackoffDeathTest, is_asked_only_after_a_failure) {
  SeededRandom random(7);
  EXPECT_DEATH((void)(Backoff{.first = 1ms, .cap = 1ms}.delay(0, random)), "invariant broken");
}

}  // namespace
}  // namespace rostrum
