// SPDX-License-Identifier: Apache-2.0
#include "common/base/clock.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"

namespace rostrum {
namespace {

using std::chrono_literals::operator""ms;

TEST(SystemClock, tells_the_time_of_the_machine) {
  const SystemClock clock;
  const auto before = std::chrono::system_clock::now();
  const auto wall = clock.wall();
  EXPECT_GE(wall + 1ms, before);
  EXPECT_LE(wall, std::chrono::system_clock::now());
  EXPECT_LE(clock.mono(), clock.mono());
}

TEST(FakeClock, moves_both_times_only_when_told) {
  test::FakeClock clock;
  const auto wall = clock.wall();
  const auto mono = clock.mono();
  EXPECT_EQ(clock.wall(), wall);
  clock.advance(250ms);
  EXPECT_EQ(clock.wall() - wall, 250ms);
  EXPECT_EQ(clock.mono() - mono, 250ms);
}

TEST(FakeClock, jumps_on_the_wall_alone) {
  test::FakeClock clock;
  const auto mono = clock.mono();
  clock.jump_wall(-3600000ms);
  EXPECT_EQ(clock.wall(), test::FakeClock::kStartWall - 3600000ms);
  EXPECT_EQ(clock.mono(), mono);
}

}  // namespace
}  // namespace rostrum
