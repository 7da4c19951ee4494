// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/reconnect.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"

namespace rostrum::gateway {
namespace {

using namespace std::chrono_literals;
using Action = Reconnect::Action;

class ReconnectTest : public testing::Test {
 protected:
  void SetUp() override { reconnect.start(clock.mono()); }
  Action after(Milliseconds time) {
    clock.advance(time);
    return reconnect.tick(clock.mono());
  }
  void reaches(StreamStep step) { reconnect.reached(step, clock.mono()); }

  test::FakeClock clock;
  SeededRandom random{1};
  Reconnect reconnect{StreamTimes{}};
};

TEST_F(ReconnectTest, connects_at_once) {
  EXPECT_EQ(after(0ms), Action::kConnect);
}

TEST_F(ReconnectTest, every_step_has_its_own_deadline) {
  EXPECT_EQ(after(0ms), Action::kConnect);
  for (const auto step :
       {StreamStep::kSecuring, StreamStep::kAuthenticating, StreamStep::kBinding, StreamStep::kProving}) {
    EXPECT_EQ(after(9s), Action::kNothing);
    reaches(step);
  }
  EXPECT_EQ(after(9s), Action::kNothing);
  EXPECT_EQ(after(1s), Action::kGiveUp);
}

TEST_F(ReconnectTest, a_talkative_server_does_not_stretch_a_step) {
  EXPECT_EQ(after(0ms), Action::kConnect);
  clock.advance(9s);
  reconnect.heard(clock.mono());
  EXPECT_EQ(after(1s), Action::kGiveUp);
}

TEST_F(ReconnectTest, pings_a_silent_server_and_then_gives_it_up) {
  EXPECT_EQ(after(0ms), Action::kConnect);
  reaches(StreamStep::kOnline);
  EXPECT_EQ(after(29s), Action::kNothing);
  reconnect.heard(clock.mono());
  EXPECT_EQ(after(29s), Action::kNothing);
  EXPECT_EQ(after(1s), Action::kPing);
  EXPECT_EQ(after(9s), Action::kNothing);
  EXPECT_EQ(after(1s), Action::kGiveUp);
}

TEST_F(ReconnectTest, anything_heard_answers_the_ping) {
  EXPECT_EQ(after(0ms), Action::kConnect);
  reaches(StreamStep::kOnline);
  EXPECT_EQ(after(30s), Action::kPing);
  reconnect.heard(clock.mono());
  EXPECT_EQ(after(29s), Action::kNothing);
}

TEST_F(ReconnectTest, waits_longer_after_each_failure_up_to_a_cap) {
  for (const auto step : {250ms, 500ms, 1000ms, 2000ms, 4000ms, 8000ms, 15000ms, 15000ms}) {
    ASSERT_NE(reconnect.tick(clock.mono()), Action::kGiveUp);
    const auto pause = reconnect.lost(StreamLoss::kUnreachable, clock.mono(), random);
    EXPECT_LE(pause, step);
    EXPECT_GE(pause, step / 2);
    EXPECT_EQ(after(pause - 1ms), Action::kNothing);
    EXPECT_EQ(after(1ms), Action::kConnect);
  }
}

TEST_F(ReconnectTest, a_stream_that_stood_ends_the_row_of_failures) {
  for (int i = 0; i < 8; ++i) reconnect.lost(StreamLoss::kUnreachable, clock.mono(), random);
  reaches(StreamStep::kOnline);
  EXPECT_LE(reconnect.lost(StreamLoss::kDropped, clock.mono(), random), 250ms);
}

TEST_F(ReconnectTest, is_patient_where_trying_again_makes_it_worse) {
  for (const auto loss : {StreamLoss::kConflict, StreamLoss::kNotAuthentic, StreamLoss::kNotSecure}) {
    reaches(StreamStep::kOnline);
    EXPECT_GE(reconnect.lost(loss, clock.mono(), random), 15s);
  }
}

}  // namespace
}  // namespace rostrum::gateway
