// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/sender.hpp"

#include <map>

#include <gtest/gtest.h>

#include "common/base/random.hpp"
#include "tests/support/fake_clock.hpp"

namespace rostrum::gateway {
namespace {

using namespace std::chrono_literals;

/// Plays the connection: counts what is sent, keeps the barriers that were asked for and the outcome of each
/// command.
class SenderTest : public testing::Test {
 protected:
  explicit SenderTest(SenderLimits limits = {.unconfirmed = 5, .barrier_every = 3, .waiting = 10})
      : sender(limits) {}

  Uuid site_sends(Milliseconds time_to_live = 60s, std::string body = "hello") {
    const auto id = Uuid::make_v4(random);
    OutgoingMessage message{Jid::parse("anna@example.org").value(), "stanza", "", std::move(body)};
    see(sender.send(id, std::move(message), clock.mono() + time_to_live, clock.mono()));
    return id;
  }
  void stream_opens() { see(sender.stream_opened(clock.mono())); }
  void stream_is_lost() { see(sender.stream_lost()); }
  void server_confirms() {
    ASSERT_FALSE(barriers.empty());
    const auto barrier = barriers.front();
    barriers.erase(barriers.begin());
    see(sender.barrier_reached(barrier, clock.mono()));
  }
  void time_passes(Milliseconds time) {
    clock.advance(time);
    see(sender.tick(clock.mono()));
  }
  void see(Sender::Effects effects) {
    for (auto& effect : effects) {
      if (std::holds_alternative<Sender::Transmit>(effect)) ++sent;
      if (std::holds_alternative<Sender::GiveUpStream>(effect)) ++given_up;
      if (const auto* ask = std::get_if<Sender::AskBarrier>(&effect)) barriers.push_back(ask->number);
      if (const auto* answer = std::get_if<Sender::Answer>(&effect)) {
        EXPECT_FALSE(outcomes.contains(answer->command)) << "answered twice";
        outcomes.emplace(answer->command, answer->outcome);
      }
    }
  }
  Ending ending_of(const Uuid& id) { return outcomes.at(id).ending; }

  test::FakeClock clock;
  SeededRandom random{1};
  Sender sender;
  int sent = 0;
  int given_up = 0;
  std::vector<std::uint64_t> barriers;
  std::map<Uuid, Outcome> outcomes;
};

TEST_F(SenderTest, says_done_only_when_the_server_confirmed) {
  stream_opens();
  const auto id = site_sends();
  EXPECT_EQ(sent, 1);
  EXPECT_TRUE(outcomes.empty());
  server_confirms();
  EXPECT_EQ(ending_of(id), Ending::kDone);
}

TEST_F(SenderTest, asks_at_once_for_a_lone_message_and_gathers_the_next_ones) {
  stream_opens();
  site_sends();
  site_sends();
  site_sends();
  EXPECT_EQ(sent, 3);
  EXPECT_EQ(barriers.size(), 1u);
  server_confirms();
  EXPECT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(barriers.size(), 1u);
  server_confirms();
  EXPECT_EQ(outcomes.size(), 3u);
  EXPECT_TRUE(barriers.empty());
}

TEST_F(SenderTest, asks_again_after_so_many_messages) {
  stream_opens();
  for (int i = 0; i < 4; ++i) site_sends();
  EXPECT_EQ(barriers.size(), 2u);
}

TEST_F(SenderTest, has_no_more_unconfirmed_than_allowed) {
  stream_opens();
  for (int i = 0; i < 8; ++i) site_sends();
  EXPECT_EQ(sent, 5);
  EXPECT_EQ(sender.waiting(), 3u);
  server_confirms();
  EXPECT_EQ(sent, 6);
  while (!barriers.empty()) server_confirms();
  EXPECT_EQ(sent, 8);
  EXPECT_EQ(outcomes.size(), 8u);
}

TEST_F(SenderTest, bounds_unconfirmed_bytes_too) {
  sender = Sender({.unconfirmed = 100, .unconfirmed_bytes = 1'000});
  stream_opens();
  for (int i = 0; i < 5; ++i) site_sends(60s, std::string(800, 'x'));
  EXPECT_EQ(sent, 2);
  while (!barriers.empty()) server_confirms();
  EXPECT_EQ(sent, 5);
}

TEST_F(SenderTest, says_unknown_for_the_unconfirmed_and_retry_for_the_waiting_when_the_stream_is_lost) {
  stream_opens();
  std::vector<Uuid> ids;
  for (int i = 0; i < 7; ++i) ids.push_back(site_sends());
  server_confirms();
  stream_is_lost();
  ASSERT_EQ(outcomes.size(), 7u);
  EXPECT_EQ(ending_of(ids[0]), Ending::kDone);
  EXPECT_EQ(ending_of(ids[1]), Ending::kUnknown);
  EXPECT_EQ(ending_of(ids[5]), Ending::kUnknown);
  EXPECT_EQ(ending_of(ids[6]), Ending::kRetry);
}

TEST_F(SenderTest, a_confirmation_of_the_stream_before_means_nothing) {
  stream_opens();
  site_sends();
  const auto old = barriers.front();
  stream_is_lost();
  stream_opens();
  const auto id = site_sends();
  see(sender.barrier_reached(old, clock.mono()));
  EXPECT_FALSE(outcomes.contains(id));
  barriers.erase(barriers.begin());
  server_confirms();
  EXPECT_EQ(ending_of(id), Ending::kDone);
}

TEST_F(SenderTest, says_retry_while_not_connected) {
  EXPECT_EQ(ending_of(site_sends()), Ending::kRetry);
  EXPECT_EQ(sent, 0);
}

TEST_F(SenderTest, never_starts_what_is_too_old) {
  stream_opens();
  for (int i = 0; i < 5; ++i) site_sends();
  const auto patient = site_sends(60s);
  const auto hasty = site_sends(100ms);
  time_passes(100ms);
  EXPECT_EQ(ending_of(hasty), Ending::kRetry);
  EXPECT_FALSE(outcomes.contains(patient));
  while (!barriers.empty()) server_confirms();
  EXPECT_EQ(ending_of(patient), Ending::kDone);
  EXPECT_EQ(sent, 6);
}

TEST_F(SenderTest, waits_while_the_connection_takes_no_more_bytes) {
  stream_opens();
  see(sender.set_writable(false, clock.mono()));
  site_sends();
  EXPECT_EQ(sent, 0);
  see(sender.set_writable(true, clock.mono()));
  EXPECT_EQ(sent, 1);
}

TEST_F(SenderTest, gives_a_stream_up_that_does_not_confirm) {
  stream_opens();
  const auto id = site_sends();
  time_passes(14s);
  EXPECT_EQ(given_up, 0);
  time_passes(1s);
  EXPECT_EQ(given_up, 1);
  stream_is_lost();
  EXPECT_EQ(ending_of(id), Ending::kUnknown);
}

TEST_F(SenderTest, refuses_more_than_it_can_hold) {
  stream_opens();
  Uuid last;
  for (int i = 0; i < 16; ++i) last = site_sends();
  EXPECT_EQ(ending_of(last), Ending::kRetry);
}

TEST_F(SenderTest, finishes_what_was_started_when_told_to_stop) {
  stream_opens();
  for (int i = 0; i < 6; ++i) site_sends();
  see(sender.stop());
  EXPECT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(ending_of(site_sends()), Ending::kRetry);
  while (!barriers.empty()) server_confirms();
  EXPECT_EQ(outcomes.size(), 7u);
}

TEST_F(SenderTest, gives_a_stream_up_that_confirms_others_and_not_a_message_in_its_time) {
  stream_opens();
  site_sends();
  time_passes(1s);
  const auto second = site_sends();  // asked for only when the first is confirmed
  time_passes(13s);
  server_confirms();
  time_passes(1s);
  EXPECT_EQ(given_up, 0);
  time_passes(1s);
  EXPECT_EQ(given_up, 1) << "whoever asked for it waits no longer";
  stream_is_lost();
  EXPECT_EQ(ending_of(second), Ending::kUnknown);
}

TEST_F(SenderTest, gives_every_command_exactly_one_outcome_whatever_happens) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SeededRandom chance(seed);
    sender = Sender({.unconfirmed = 5, .barrier_every = 3, .waiting = 10});
    outcomes.clear();
    barriers.clear();
    std::size_t asked = 0;
    for (int step = 0; step < 300; ++step) {
      switch (chance.below(8)) {
        case 0:
          barriers.clear();
          stream_is_lost();
          stream_opens();
          break;
        case 1:
          time_passes(Milliseconds{chance.below(3'000)});
          break;
        case 2:
          see(sender.set_writable(chance.below(2) == 0, clock.mono()));
          break;
        case 3:
        case 4:
          if (!barriers.empty()) server_confirms();
          break;
        default:
          site_sends(Milliseconds{1 + chance.below(10'000)});
          ++asked;
      }
      EXPECT_LE(sender.unconfirmed(), 5u);
    }
    stream_is_lost();
    EXPECT_EQ(outcomes.size(), asked) << "seed " << seed;
  }
}

}  // namespace
}  // namespace rostrum::gateway
