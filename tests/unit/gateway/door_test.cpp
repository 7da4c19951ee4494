// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/door.hpp"

#include <gtest/gtest.h>

#include "common/base/random.hpp"
#include "tests/support/fake_clock.hpp"

namespace rostrum::gateway {
namespace {

using namespace std::chrono_literals;

class DoorTest : public testing::Test {
 protected:
  Uuid registration_asks(Milliseconds time_to_live = 60s) {
    const auto id = Uuid::make_v4(random);
    DoorRequest request{DoorRequest::Action::kCreate, Jid::parse("anna@example.org").value(), "claim",
                        Secret("pw")};
    see(door.ask(id, std::move(request), clock.mono() + time_to_live, clock.mono()));
    return id;
  }
  void door_opens() { see(door.opened(clock.mono())); }
  void server_answers(std::uint64_t request, const DoorReply& reply = {true, "", "created", ""}) {
    see(door.replied(request, reply, clock.mono()));
  }
  void time_passes(Milliseconds time) {
    clock.advance(time);
    see(door.tick(clock.mono()));
  }
  void see(Door::Effects effects) {
    for (auto& effect : effects) {
      if (const auto* transmit = std::get_if<Door::Transmit>(&effect)) asked.push_back(transmit->request);
      if (std::holds_alternative<Door::GiveUpStream>(effect)) ++given_up;
      if (const auto* answer = std::get_if<Door::Answer>(&effect)) {
        EXPECT_FALSE(outcomes.contains(answer->command)) << "answered twice";
        outcomes.emplace(answer->command, answer->outcome);
      }
    }
  }

  test::FakeClock clock;
  SeededRandom random{1};
  Door door{DoorLimits{.in_flight = 2, .waiting = 3}};
  std::vector<std::uint64_t> asked;
  int given_up = 0;
  std::map<Uuid, Outcome> outcomes;
};

TEST_F(DoorTest, hands_the_reply_to_the_command_that_asked) {
  door_opens();
  const auto first = registration_asks();
  const auto second = registration_asks();
  server_answers(asked[1], {false, "cancel", "conflict", "taken"});
  server_answers(asked[0]);
  EXPECT_EQ(outcomes.at(first).ending, Ending::kDone);
  EXPECT_EQ(outcomes.at(first).condition, "created");
  EXPECT_EQ(outcomes.at(second).ending, Ending::kFailed);
  EXPECT_EQ(outcomes.at(second).condition, "conflict");
}

TEST_F(DoorTest, asks_only_a_few_at_a_time) {
  door_opens();
  for (int i = 0; i < 4; ++i) registration_asks();
  EXPECT_EQ(asked.size(), 2u);
  server_answers(asked[0]);
  EXPECT_EQ(asked.size(), 3u);
}

TEST_F(DoorTest, says_retry_while_shut) {
  EXPECT_EQ(outcomes.at(registration_asks()).ending, Ending::kRetry);
  door_opens();
  see(door.closed("door-unfit"));
  EXPECT_EQ(outcomes.at(registration_asks()).condition, "door-unfit");
}

TEST_F(DoorTest, says_unknown_when_the_answer_stays_away) {
  door_opens();
  const auto id = registration_asks();
  time_passes(10s);
  EXPECT_EQ(outcomes.at(id).ending, Ending::kUnknown);
  EXPECT_EQ(given_up, 1);
  server_answers(asked[0]);  // too late: no second outcome
}

TEST_F(DoorTest, says_unknown_for_the_asked_and_retry_for_the_waiting_when_the_stream_is_lost) {
  door_opens();
  const auto asked_one = registration_asks();
  registration_asks();
  const auto waiting_one = registration_asks();
  see(door.closed("not-connected"));
  EXPECT_EQ(outcomes.at(asked_one).ending, Ending::kUnknown);
  EXPECT_EQ(outcomes.at(waiting_one).ending, Ending::kRetry);
}

TEST_F(DoorTest, never_starts_what_is_too_old) {
  door_opens();
  registration_asks();
  registration_asks();
  const auto hasty = registration_asks(100ms);
  time_passes(100ms);
  EXPECT_EQ(outcomes.at(hasty).condition, "expired");
  server_answers(asked[0]);
  EXPECT_EQ(asked.size(), 2u);
}

TEST_F(DoorTest, refuses_more_than_it_can_hold) {
  door_opens();
  for (int i = 0; i < 5; ++i) registration_asks();
  EXPECT_EQ(outcomes.at(registration_asks()).condition, "busy");
}

TEST_F(DoorTest, finishes_what_was_started_when_told_to_stop) {
  door_opens();
  const auto started = registration_asks();
  registration_asks();
  const auto waiting = registration_asks();
  see(door.stop());
  EXPECT_EQ(outcomes.at(waiting).ending, Ending::kRetry);
  server_answers(asked[0]);
  EXPECT_EQ(outcomes.at(started).ending, Ending::kDone);
}

TEST(DoorReply, passing_troubles_are_retried_and_lasting_ones_are_not) {
  EXPECT_EQ(outcome_of({false, "wait", "resource-constraint", ""}).ending, Ending::kRetry);
  EXPECT_EQ(outcome_of({false, "wait", "anything", ""}).ending, Ending::kRetry);
  EXPECT_EQ(outcome_of({false, "cancel", "internal-server-error", ""}).ending, Ending::kRetry);
  EXPECT_EQ(outcome_of({false, "auth", "forbidden", ""}).ending, Ending::kRetry);
  EXPECT_EQ(outcome_of({false, "cancel", "item-not-found", ""}).ending, Ending::kFailed);
  EXPECT_EQ(outcome_of({false, "modify", "jid-malformed", ""}).ending, Ending::kFailed);
}

TEST_F(DoorTest, begins_nothing_on_a_stream_that_it_gives_up) {
  door_opens();
  registration_asks();
  registration_asks();
  const auto waiting = registration_asks();
  time_passes(10s);
  EXPECT_EQ(given_up, 1);
  EXPECT_EQ(asked.size(), 2u);
  see(door.closed("not-connected"));
  EXPECT_EQ(outcomes.at(waiting).ending, Ending::kRetry) << "no byte of it has left";
}

}  // namespace
}  // namespace rostrum::gateway
