// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/metrics/health.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"

namespace rostrum::metrics {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

TEST(Health, is_ready_when_every_part_is_good) {
  Health health;
  auto& database = health.part("database");
  auto& stream = health.part("stream");
  EXPECT_FALSE(health.ready().good);
  EXPECT_EQ(health.ready().text, "database: starting\nstream: starting\n");
  database.good();
  stream.bad("refused");
  EXPECT_FALSE(health.ready().good);
  EXPECT_EQ(health.ready().text, "database: good\nstream: refused\n");
  stream.good();
  EXPECT_TRUE(health.ready().good);
}

TEST(Health, says_in_one_line_why_a_part_is_bad) {
  Health health;
  auto& part = health.part("database");
  part.bad("lost\nconnection");
  EXPECT_EQ(health.ready().text, "database: lost?connection\n");
  part.bad("");
  EXPECT_FALSE(health.ready().good);
}

TEST(Health, lives_while_the_reactor_turns) {
  test::FakeClock clock;
  Health health(clock);
  clock.advance(10s);
  EXPECT_TRUE(health.live().good);
  clock.advance(1ms);
  EXPECT_FALSE(health.live().good);
  EXPECT_EQ(health.live().text, "reactor: has not turned for 10 seconds\n");
  health.beat();
  EXPECT_TRUE(health.live().good);
}

TEST(Health, does_not_mind_a_wall_clock_that_jumps) {
  test::FakeClock clock;
  const Health health(clock);
  clock.jump_wall(std::chrono::hours{100});
  EXPECT_TRUE(health.live().good);
}

}  // namespace
}  // namespace rostrum::metrics
