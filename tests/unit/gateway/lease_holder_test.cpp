// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/lease_holder.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"

namespace rostrum::gateway {
namespace {

using namespace std::chrono_literals;
using State = LeaseHolder::State;

/// Plays the presence service and writes down what the gateway does, in words.
class LeaseHolderTest : public testing::Test {
 protected:
  void conversation_begins() { see(holder.begun(clock.mono())); }
  void conversation_ends() { holder.ended(); }
  void time_passes(Milliseconds time) {
    clock.advance(time);
    see(holder.tick(clock.mono()));
  }
  /// Time goes on until the gateway claims; how long it took.
  Milliseconds until_claim() {
    const auto before = claims;
    Milliseconds waited{0};
    for (; claims == before && waited < 60s; waited += 1ms) time_passes(1ms);
    return waited;
  }
  void service_grants(std::uint64_t epoch, std::uint64_t last_sequence = 0, Milliseconds valid = 9s) {
    see(holder.answered({last_number, true, epoch, last_sequence, valid, ""}, clock.mono()));
  }
  void service_refuses(const std::string& owner, Milliseconds valid = 9s) {
    see(holder.answered({last_number, false, 99, 0, valid, owner}, clock.mono()));
  }
  void see(const LeaseHolder::Effects& effects) {
    for (const auto& effect : effects) std::visit([this](const auto& one) { see(one); }, effect);
  }
  void see(const LeaseHolder::SendClaim& claim) {
    EXPECT_EQ(claim.token.size(), 16u);
    ++claims;
    last_number = claim.number;
    tokens.push_back(claim.token);
  }
  void see(const LeaseHolder::SendRelease& release) {
    done += "release " + std::to_string(release.epoch) + "; ";
  }
  void see(const LeaseHolder::Own& own) {
    done += "own " + std::to_string(own.epoch) + " after " + std::to_string(own.last_sequence) + "; ";
  }
  void see(const LeaseHolder::Disown& disown) { done += "disown " + disown.reason + "; "; }
  std::string has_done() { return std::exchange(done, {}); }

  test::FakeClock clock;
  SeededRandom random{1};
  LeaseHolder holder{random};
  int claims = 0;
  std::uint64_t last_number = 0;
  std::vector<std::string> tokens;
  std::string done;
};

TEST_F(LeaseHolderTest, claims_as_soon_as_it_can_and_owns_when_granted) {
  EXPECT_EQ(holder.state(), State::kAway);
  conversation_begins();
  EXPECT_EQ(claims, 1);
  EXPECT_EQ(holder.state(), State::kAsking);
  service_grants(7);
  EXPECT_EQ(has_done(), "own 7 after 0; ");
  EXPECT_EQ(holder.state(), State::kOwner);
}

TEST_F(LeaseHolderTest, renews_at_a_third_under_the_same_token) {
  conversation_begins();
  service_grants(7);
  has_done();
  EXPECT_EQ(until_claim(), 3s);
  EXPECT_EQ(tokens[1], tokens[0]);
  service_grants(7, 12);
  EXPECT_EQ(has_done(), "");
  EXPECT_EQ(until_claim(), 3s);
}

TEST_F(LeaseHolderTest, counts_the_validity_from_the_moment_it_claimed) {
  conversation_begins();
  clock.advance(2s);
  service_grants(7);
  clock.advance(6999ms);
  EXPECT_FALSE(holder.lapsed(clock.mono()));
  clock.advance(1ms);
  EXPECT_TRUE(holder.lapsed(clock.mono()));
}

TEST_F(LeaseHolderTest, claims_again_when_no_answer_comes) {
  conversation_begins();
  EXPECT_EQ(until_claim(), 500ms);
  EXPECT_EQ(until_claim(), 500ms);
  service_grants(7);
  EXPECT_EQ(has_done(), "own 7 after 0; ");
}

TEST_F(LeaseHolderTest, an_answer_to_what_was_not_asked_means_nothing) {
  conversation_begins();
  see(holder.answered({17, true, 7, 0, 9s, ""}, clock.mono()));
  conversation_ends();
  service_grants(7);
  EXPECT_EQ(has_done(), "");
  EXPECT_EQ(holder.state(), State::kAway);
}

TEST_F(LeaseHolderTest, a_standby_asks_again_soon_with_a_little_jitter) {
  conversation_begins();
  service_refuses("other");
  EXPECT_EQ(holder.state(), State::kStandby);
  EXPECT_EQ(holder.owner(), "other");
  for (int i = 0; i < 20; ++i) {
    const auto waited = until_claim();
    EXPECT_GE(waited, 500ms);
    EXPECT_LE(waited, 551ms);
    service_refuses("other");
  }
  until_claim();
  service_refuses("other", 120ms);
  EXPECT_LE(until_claim(), 171ms);
}

TEST_F(LeaseHolderTest, a_standby_takes_over_when_it_is_granted) {
  conversation_begins();
  service_refuses("other");
  until_claim();
  service_grants(8);
  EXPECT_EQ(has_done(), "own 8 after 0; ");
}

TEST_F(LeaseHolderTest, asks_seldom_where_the_domain_is_not_served) {
  conversation_begins();
  service_refuses("");
  EXPECT_GE(until_claim(), 5s);
}

TEST_F(LeaseHolderTest, goes_on_owning_while_nobody_can_say_otherwise) {
  conversation_begins();
  service_grants(7);
  has_done();
  conversation_ends();
  time_passes(60s);
  EXPECT_EQ(has_done(), "");
  EXPECT_EQ(claims, 1);
  EXPECT_EQ(holder.state(), State::kOwner);
  EXPECT_TRUE(holder.lapsed(clock.mono()));
  conversation_begins();
  EXPECT_EQ(tokens[1], tokens[0]);
  service_grants(7, 33);
  EXPECT_EQ(has_done(), "own 7 after 33; ");
  EXPECT_FALSE(holder.lapsed(clock.mono()));
}

TEST_F(LeaseHolderTest, stops_owning_when_the_renewal_is_refused) {
  conversation_begins();
  service_grants(7);
  conversation_ends();
  conversation_begins();
  has_done();
  service_refuses("other");
  EXPECT_EQ(has_done(), "disown refused; ");
  EXPECT_EQ(holder.state(), State::kStandby);
  until_claim();
  EXPECT_NE(tokens.back(), tokens.front());
}

TEST_F(LeaseHolderTest, stops_owning_when_another_is_heard_of_and_asks_again) {
  conversation_begins();
  service_grants(7);
  has_done();
  see(holder.lost("superseded", clock.mono()));
  EXPECT_EQ(has_done(), "disown superseded; ");
  see(holder.lost("stale", clock.mono()));
  EXPECT_EQ(has_done(), "");
  EXPECT_EQ(until_claim(), 500ms);
  EXPECT_NE(tokens[1], tokens[0]);
}

TEST_F(LeaseHolderTest, an_answer_about_the_lease_that_was_given_up_means_nothing) {
  conversation_begins();
  service_grants(7);
  until_claim();
  see(holder.lost("superseded", clock.mono()));
  has_done();
  service_grants(7);
  EXPECT_EQ(has_done(), "");
  EXPECT_FALSE(holder.owns());
}

TEST_F(LeaseHolderTest, begins_anew_when_another_had_it_in_between) {
  conversation_begins();
  service_grants(7);
  conversation_ends();
  conversation_begins();
  has_done();
  service_grants(9);
  EXPECT_EQ(has_done(), "disown another-epoch; own 9 after 0; ");
}

TEST_F(LeaseHolderTest, gives_it_back_and_claims_no_more_when_told_to_stop) {
  conversation_begins();
  service_grants(7);
  has_done();
  see(holder.stop());
  EXPECT_EQ(has_done(), "release 7; disown stopping; ");
  EXPECT_TRUE(holder.at_rest());
  time_passes(60s);
  conversation_ends();
  conversation_begins();
  EXPECT_EQ(claims, 1);
}

TEST_F(LeaseHolderTest, gives_back_what_is_granted_while_it_stops) {
  conversation_begins();
  see(holder.stop());
  EXPECT_FALSE(holder.at_rest());
  service_grants(7);
  EXPECT_EQ(has_done(), "release 7; ");
  EXPECT_TRUE(holder.at_rest());
  EXPECT_FALSE(holder.owns());
}

TEST_F(LeaseHolderTest, begins_a_new_period_at_once_when_the_epoch_is_of_no_use_any_more) {
  conversation_begins();
  service_grants(7);
  has_done();
  see(holder.begin_anew("lost-place", clock.mono()));
  EXPECT_EQ(has_done(), "release 7; disown lost-place; ");
  ASSERT_EQ(claims, 2);
  EXPECT_NE(tokens[1], tokens[0]) << "under the same token it would be the same epoch";
  service_refuses("ourselves", 4s);
  EXPECT_LE(until_claim(), 600ms) << "a claim may overtake the release";
  service_grants(8);
  EXPECT_EQ(has_done(), "own 8 after 0; ");
}

}  // namespace
}  // namespace rostrum::gateway
