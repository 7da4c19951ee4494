// SPDX-License-Identifier: Apache-2.0
#include "common/bus/peer_table.hpp"

#include <gtest/gtest.h>

#include "tests/unit/common/bus/conversation.hpp"

namespace rostrum::bus::test {
namespace {

class PeerTableTest : public testing::Test {
 protected:
  PeerTable table(LinkLimits limits) { return {LinkKind::kEvent, limits, std::string(16, 'i')}; }
  static BatchFrame events(std::size_t count) { return {std::vector<std::string>(count, "event")}; }

  AuthorizedKey forum_ = key_of("forum", {"member_removed"});
  AuthorizedKey shop_ = key_of("shop", {"member_removed"});
  AuthorizedKeys keys_{{forum_, shop_}};
  LinkLimits limits_{.window = 10, .window_total = 16, .max_peers = 3};
  PeerEffects effects_;
};

/// A table and one peer's view of it.
struct Talk {
  PeerTable& table;
  const AuthorizedKeys& keys;
  const AuthorizedKey& key;
  std::string route;
  PeerEffects effects = {};
  std::optional<PeerTable::Work> says(const Frame& frame) {
    effects = {};
    return table.receive(message_from(route, key, frame), keys, effects);
  }
  RefusalCode refusal() const { return only<RefusalFrame>(effects).code; }
};

TEST_F(PeerTableTest, welcomes_a_peer_by_its_name_and_with_its_share) {
  auto peers = table(limits_);
  Talk forum{peers, keys_, forum_, "r1"};
  EXPECT_FALSE(forum.says(hello(LinkKind::kEvent)));
  const auto welcome = only<WelcomeFrame>(forum.effects);
  EXPECT_EQ(welcome.known_as, "forum");
  EXPECT_EQ(welcome.credit.items, 10U) << "its window";
  EXPECT_EQ(welcome.horizon_s, 7U * 24 * 3600);
  Talk shop{peers, keys_, shop_, "r2"};
  shop.says(hello(LinkKind::kEvent));
  EXPECT_EQ(only<WelcomeFrame>(shop.effects).credit.items, 8U) << "half of the total";
}

TEST_F(PeerTableTest, never_answers_a_message_without_a_name) {
  auto peers = table(limits_);
  EXPECT_FALSE(peers.receive({"r1", "", 1, encode(hello(LinkKind::kEvent))}, keys_, effects_));
  EXPECT_TRUE(effects_.send.empty());
}

TEST_F(PeerTableTest, refuses_what_breaks_the_rules_of_the_link_each_by_its_own_code) {
  auto peers = table({.max_batch = 4, .window = 10});
  Talk forum{peers, keys_, forum_, "r1"};
  forum.says(events(1));
  EXPECT_EQ(forum.refusal(), RefusalCode::kNoHello);
  forum.says(hello(LinkKind::kCommand));
  EXPECT_EQ(forum.refusal(), RefusalCode::kUnsupported);
  forum.says(HelloFrame{2, LinkKind::kEvent});
  EXPECT_EQ(forum.refusal(), RefusalCode::kUnsupported);
  forum.says(hello(LinkKind::kEvent));
  EXPECT_FALSE(forum.says(events(5)));
  EXPECT_EQ(forum.refusal(), RefusalCode::kBatchTooLarge);
  EXPECT_FALSE(forum.says(CommandsFrame{}));
  EXPECT_EQ(forum.refusal(), RefusalCode::kMalformedFrame);
  EXPECT_FALSE(forum.says(CreditFrame{{1'000'000, 1'000'000}}));
  EXPECT_EQ(forum.refusal(), RefusalCode::kMalformedFrame);
  EXPECT_TRUE(forum.says(events(4))) << "none of that used up credit";
  EXPECT_TRUE(forum.says(events(4)));
  EXPECT_FALSE(forum.says(events(3)));
  EXPECT_EQ(forum.refusal(), RefusalCode::kOverCredit);
  EXPECT_TRUE(forum.says(events(2)));
}

TEST_F(PeerTableTest,
       on_an_observation_link_counts_observations_and_lets_claims_and_releases_pass_for_nothing) {
  PeerTable peers(LinkKind::kObservation, {.max_batch = 4, .window = 6}, std::string(16, 'i'));
  Talk gateway{peers, keys_, forum_, "r1"};
  gateway.says(hello(LinkKind::kEvent));
  EXPECT_EQ(only<RefusalFrame>(gateway.effects).text, "this is an observation link, version 1");
  gateway.says(hello(LinkKind::kObservation));
  const auto seen = [](std::size_t count) {
    return ObservationsFrame{"example.org", 1, 1, std::vector<std::string>(count)};
  };
  EXPECT_FALSE(gateway.says(seen(5)));
  EXPECT_EQ(gateway.refusal(), RefusalCode::kBatchTooLarge);
  EXPECT_TRUE(gateway.says(seen(4)));
  EXPECT_FALSE(gateway.says(seen(3)));
  EXPECT_EQ(gateway.refusal(), RefusalCode::kOverCredit);
  EXPECT_TRUE(gateway.says(seen(2)));
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(gateway.says(LeaseClaimFrame{"example.org", std::string(16, 't'), 1}));
    EXPECT_TRUE(gateway.says(LeaseReleaseFrame{"example.org", 1}));
  }
  for (const Frame& frame : {Frame(events(1)), Frame(CommandsFrame{}), Frame(LeaseAnswerFrame{}),
                             Frame(ObservationsStoredFrame{})}) {
    EXPECT_FALSE(gateway.says(frame));
    EXPECT_EQ(gateway.refusal(), RefusalCode::kMalformedFrame);
  }
}

TEST_F(PeerTableTest, takes_no_observations_on_another_link) {
  auto peers = table(limits_);
  Talk forum{peers, keys_, forum_, "r1"};
  forum.says(hello(LinkKind::kObservation));
  EXPECT_EQ(forum.refusal(), RefusalCode::kUnsupported);
  forum.says(hello(LinkKind::kEvent));
  EXPECT_FALSE(forum.says(ObservationsFrame{"example.org", 1, 1, {"seen"}}));
  EXPECT_EQ(forum.refusal(), RefusalCode::kMalformedFrame);
  EXPECT_FALSE(forum.says(LeaseClaimFrame{"example.org", std::string(16, 't'), 1}));
  EXPECT_EQ(forum.refusal(), RefusalCode::kMalformedFrame);
}

TEST_F(PeerTableTest, refuses_garbage_and_messages_of_more_than_one_part) {
  auto peers = table(limits_);
  static_cast<void>(peers.receive({"r1", forum_.key.z85(), 1, "garbage"}, keys_, effects_));
  static_cast<void>(
      peers.receive({"r1", forum_.key.z85(), 16, encode(hello(LinkKind::kEvent))}, keys_, effects_));
  const auto refusals = sent<RefusalFrame>(effects_);
  ASSERT_EQ(refusals.size(), 2U);
  EXPECT_EQ(refusals[0].code, RefusalCode::kMalformedFrame);
  EXPECT_EQ(refusals[1].code, RefusalCode::kMalformedFrame);
  EXPECT_EQ(peers.size(), 0U);
}

TEST_F(PeerTableTest, holds_no_more_peers_than_it_may) {
  auto peers = table(limits_);
  for (const auto* route : {"r1", "r2", "r3", "r4"})
    static_cast<void>(peers.receive(message_from(route, forum_, hello(LinkKind::kEvent)), keys_, effects_));
  EXPECT_EQ(peers.size(), 3U);
  EXPECT_EQ(only<RefusalFrame>(effects_).code, RefusalCode::kTooManyPeers);
  peers.drop("r1", effects_);
  effects_ = {};
  static_cast<void>(peers.receive(message_from("r4", forum_, hello(LinkKind::kEvent)), keys_, effects_));
  EXPECT_EQ(sent<WelcomeFrame>(effects_).size(), 1U);
}

TEST_F(PeerTableTest, starts_over_at_a_second_hello) {
  auto peers = table(limits_);
  Talk forum{peers, keys_, forum_, "r1"};
  forum.says(hello(LinkKind::kEvent));
  const auto first = forum.says(events(10));
  ASSERT_TRUE(first);
  forum.says(hello(LinkKind::kEvent));
  EXPECT_EQ(only<WelcomeFrame>(forum.effects).credit.items, 10U);
  ASSERT_EQ(forum.effects.ended.size(), 1U);
  EXPECT_EQ(forum.effects.ended[0].value, first->token.value);
  peers.answer(first->token, OutcomesFrame{}, {10, 50}, effects_);
  EXPECT_TRUE(effects_.send.empty()) << "the old conversation's answers go nowhere";
}

TEST_F(PeerTableTest, does_not_take_a_route_that_came_back_with_another_key_for_the_same_peer) {
  auto peers = table(limits_);
  Talk forum{peers, keys_, forum_, "r1"};
  forum.says(hello(LinkKind::kEvent));
  Talk shop{peers, keys_, shop_, "r1"};
  EXPECT_FALSE(shop.says(events(1)));
  EXPECT_EQ(shop.refusal(), RefusalCode::kNoHello);
  EXPECT_EQ(shop.effects.ended.size(), 1U);
}

TEST_F(PeerTableTest, gives_credit_when_half_of_it_is_used_and_at_every_beat) {
  auto peers = table(limits_);
  Talk forum{peers, keys_, forum_, "r1"};
  forum.says(hello(LinkKind::kEvent));
  const auto work = forum.says(events(3));
  peers.answer(work->token, OutcomesFrame{}, {3, 15}, effects_);
  EXPECT_TRUE(sent<CreditFrame>(effects_).empty()) << "seven are left";
  const auto more = forum.says(events(3));
  peers.answer(more->token, OutcomesFrame{}, {3, 15}, effects_);
  EXPECT_EQ(only<CreditFrame>(effects_).credit.items, 16U);
  effects_ = {};
  peers.greet_all(keys_, effects_);
  EXPECT_EQ(only<CreditFrame>(effects_).credit.items, 16U) << "nothing new, but a sign of life";
}

TEST_F(PeerTableTest, counts_bytes_and_refuses_who_does_not_in_clear_words) {
  auto peers = table({.max_event_bytes = 5,
                      .window = 100,
                      .window_total = 100,
                      .window_bytes = 12,
                      .window_total_bytes = 100});
  Talk forum{peers, keys_, forum_, "r1"};
  forum.says(hello(LinkKind::kEvent));
  EXPECT_EQ(only<WelcomeFrame>(forum.effects).credit, (Load{100, 12}));
  EXPECT_FALSE(forum.says(events(3)));
  EXPECT_EQ(forum.refusal(), RefusalCode::kOverCredit);
  EXPECT_EQ(only<RefusalFrame>(forum.effects).text,
            "3 (15 bytes) were sent with credit left for 100 (12 bytes); count both and wait for Credit");
  const auto work = forum.says(events(2));
  ASSERT_TRUE(work) << "what was refused used up nothing";
  EXPECT_FALSE(forum.says(events(1)));
  peers.answer(work->token, OutcomesFrame{}, {1, 5}, effects_);
  EXPECT_EQ(only<CreditFrame>(effects_).credit, (Load{101, 17}));
  EXPECT_TRUE(forum.says(events(1)));
}

TEST_F(PeerTableTest, shares_bytes_as_it_shares_events_but_never_below_the_largest_event) {
  auto peers = table({.max_event_bytes = 40,
                      .window = 100,
                      .window_total = 90,
                      .window_bytes = 80,
                      .window_total_bytes = 100,
                      .max_peers = 3});
  const auto credit = [&](const char* route) {
    Talk forum{peers, keys_, forum_, route};
    forum.says(hello(LinkKind::kEvent));
    return only<WelcomeFrame>(forum.effects).credit;
  };
  EXPECT_EQ(credit("r1"), (Load{90, 80}));
  EXPECT_EQ(credit("r2"), (Load{45, 50}));
  EXPECT_EQ(credit("r3"), (Load{30, 40}));
  EXPECT_EQ(peers.granted(), (Load{165, 170}));
}

TEST_F(PeerTableTest, gives_no_more_than_the_budget_and_takes_nothing_back) {
  auto peers = table({.window = 100, .window_total = 200, .max_peers = 3});
  Talk forum{peers, keys_, forum_, "r1"};
  forum.says(hello(LinkKind::kEvent));
  const auto early = forum.says(events(60));
  peers.set_budget({30, 1'000'000}, effects_);
  EXPECT_EQ(peers.budget(), (Load{30, 1'000'000}));
  peers.answer(early->token, OutcomesFrame{}, {10, 50}, effects_);
  peers.greet_all(keys_, effects_);
  EXPECT_EQ(only<CreditFrame>(effects_).credit.items, 100U) << "50 are unanswered and 40 granted already";
  static_cast<void>(forum.says(events(40)));
  effects_ = {};
  peers.answer(early->token, OutcomesFrame{}, {90, 450}, effects_);
  EXPECT_EQ(only<CreditFrame>(effects_).credit.items, 130U);
  EXPECT_TRUE(forum.says(events(30)));
  effects_ = {};
  peers.set_budget({1'000, 1'000'000}, effects_);
  EXPECT_EQ(only<CreditFrame>(effects_).credit.items, 200U)
      << "at once, to who has none; never above its window";
  EXPECT_EQ(peers.budget().items, 200U) << "never above the limits";
  peers.set_open(false, effects_);
  EXPECT_EQ(peers.budget(), Load{});
}

TEST_F(PeerTableTest, gives_no_credit_while_closed) {
  auto peers = table(limits_);
  peers.set_open(false, effects_);
  Talk forum{peers, keys_, forum_, "r1"};
  forum.says(hello(LinkKind::kEvent));
  EXPECT_EQ(only<WelcomeFrame>(forum.effects).credit.items, 0U);
  EXPECT_FALSE(forum.says(events(1)));
  EXPECT_EQ(forum.refusal(), RefusalCode::kOverCredit);
  peers.greet_all(keys_, effects_);
  EXPECT_EQ(only<CreditFrame>(effects_).credit.items, 0U);
  effects_ = {};
  peers.set_open(true, effects_);
  EXPECT_EQ(only<CreditFrame>(effects_).credit.items, 10U) << "at once, without waiting for the beat";
}

TEST_F(PeerTableTest, withdraws_credit_at_once_when_it_closes_and_still_takes_what_was_on_its_way) {
  auto peers = table(limits_);
  Talk forum{peers, keys_, forum_, "r1"};
  forum.says(hello(LinkKind::kEvent));
  Talk shop{peers, keys_, shop_, "r2"};
  shop.says(hello(LinkKind::kEvent));
  ASSERT_TRUE(forum.says(events(4)));
  peers.set_open(false, effects_);
  const auto told = sent<CreditFrame>(effects_);
  ASSERT_EQ(told.size(), 2U);
  for (const auto& credit : told) EXPECT_TRUE(credit.paused);
  EXPECT_EQ(told[0].credit.items, 10U) << "a total, which never goes down";
  EXPECT_EQ(peers.granted(), Load{});
  effects_ = {};
  peers.greet_all(keys_, effects_);
  for (const auto& credit : sent<CreditFrame>(effects_)) EXPECT_TRUE(credit.paused) << "who missed it";
  const auto late = forum.says(events(6));
  ASSERT_TRUE(late) << "sent before it heard of it, or it does not know the word";
  EXPECT_FALSE(forum.says(events(1)));
  EXPECT_EQ(forum.refusal(), RefusalCode::kOverCredit);
  effects_ = {};
  peers.answer(late->token, OutcomesFrame{}, {10, 50}, effects_);
  EXPECT_TRUE(sent<CreditFrame>(effects_).empty()) << "what is answered meanwhile gives none";
  peers.set_budget({16, 1'000'000}, effects_);
  EXPECT_TRUE(sent<CreditFrame>(effects_).empty());
  effects_ = {};
  peers.set_open(false, effects_);
  EXPECT_TRUE(effects_.send.empty()) << "nothing new";
  peers.set_open(true, effects_);
  for (const auto& credit : sent<CreditFrame>(effects_)) EXPECT_FALSE(credit.paused);
  EXPECT_EQ(sent<CreditFrame>(effects_).front().credit.items, 18U);
  EXPECT_EQ(peers.granted().items, 16U);
}

TEST_F(PeerTableTest, turns_a_revoked_key_away_with_its_next_message_and_answers_nothing_in_it) {
  auto peers = table(limits_);
  Talk forum{peers, keys_, forum_, "r1"};
  forum.says(hello(LinkKind::kEvent));
  const AuthorizedKeys nobody;
  EXPECT_FALSE(peers.receive(message_from("r1", forum_, events(1)), nobody, effects_));
  EXPECT_EQ(only<RefusalFrame>(effects_).code, RefusalCode::kNotAuthorized);
  EXPECT_EQ(effects_.send.size(), 1U) << "an outcome would be the end of that event";
  EXPECT_EQ(effects_.ended.size(), 1U);
  EXPECT_EQ(effects_.cut, std::vector<std::string>{"r1"});
  EXPECT_EQ(peers.size(), 0U);
  effects_ = {};
  static_cast<void>(peers.receive(message_from("r1", forum_, hello(LinkKind::kEvent)), nobody, effects_));
  EXPECT_EQ(only<RefusalFrame>(effects_).code, RefusalCode::kNotAuthorized) << "it has no way back in";
  effects_ = {};
  forum.says(hello(LinkKind::kEvent));
  EXPECT_EQ(sent<WelcomeFrame>(forum.effects).size(), 1U) << "in force again";
}

TEST_F(PeerTableTest, turns_a_revoked_key_away_at_the_next_beat_although_it_says_nothing) {
  auto peers = table(limits_);
  for (const auto& [route, key] : {std::pair{"r1", forum_}, std::pair{"r2", shop_}})
    static_cast<void>(peers.receive(message_from(route, key, hello(LinkKind::kEvent)), keys_, effects_));
  effects_ = {};
  peers.greet_all(AuthorizedKeys({shop_}), effects_);
  EXPECT_EQ(only<RefusalFrame>(effects_).code, RefusalCode::kNotAuthorized);
  EXPECT_EQ(effects_.cut, std::vector<std::string>{"r1"});
  EXPECT_EQ(sent<CreditFrame>(effects_).size(), 1U) << "the other notices nothing";
  EXPECT_EQ(peers.size(), 1U);
}

}  // namespace
}  // namespace rostrum::bus::test
