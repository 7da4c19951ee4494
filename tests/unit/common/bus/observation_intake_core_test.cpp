// SPDX-License-Identifier: Apache-2.0
#include "common/bus/observation_intake_core.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "common/bus/message_types.hpp"
#include "tests/unit/common/bus/conversation.hpp"

namespace rostrum::bus::test {
namespace {

using Status = ObservationsStoredFrame::Status;
constexpr std::size_t kMany = 1'000'000;  // bytes
constexpr auto kMaxNumber = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

class ObservationIntakeCoreTest : public testing::Test {
 protected:
  ObservationIntakeEffects says(const std::string& route, const AuthorizedKey& key, const Frame& frame) {
    return core_.receive(message_from(route, key, frame), keys_, clock_.mono());
  }
  void SetUp() override {
    says("r1", gateway_, hello(LinkKind::kObservation));
    says("r2", other_, hello(LinkKind::kObservation));
  }
  static LeaseClaimFrame claim(std::uint64_t number, const std::string& domain = "example.org") {
    return {domain, std::string(16, 't'), number};
  }
  static ObservationsFrame seen(std::uint64_t first, std::size_t count, std::size_t bytes = 1) {
    return {"example.org", 3, first, std::vector<std::string>(count, std::string(bytes, 'o'))};
  }
  static ObservationsStoredFrame stored(std::uint64_t last) {
    return {"example.org", 3, Status::kStored, last};
  }
  void is_refused(const Frame& frame, RefusalCode code) {
    const auto effects = says("r1", gateway_, frame);
    EXPECT_EQ(only<RefusalFrame>(effects.peers).code, code);
    EXPECT_FALSE(effects.gathered);
    EXPECT_TRUE(core_.take(100, kMany).empty());
  }

  FakeClock clock_;
  AuthorizedKey gateway_ = key_of("gateway", {kPresenceObserved});
  AuthorizedKey other_ = key_of("gateway-2", {kPresenceObserved});
  AuthorizedKey forum_ = key_of("forum", {"member_removed"});
  AuthorizedKeys keys_{{gateway_, other_, forum_}};
  LinkLimits limits_{.max_batch = 50, .window = 100, .window_total = 1'000, .max_peers = 10};
  ObservationIntakeCore core_{limits_, std::string(16, 'i')};
};

TEST_F(ObservationIntakeCoreTest, hands_claims_on_ahead_of_observations_that_were_said_before) {
  EXPECT_TRUE(says("r1", gateway_, seen(1, 5)).gathered);
  clock_.advance(milliseconds{7});
  EXPECT_FALSE(says("r2", other_, claim(1)).gathered) << "there was something already";
  EXPECT_TRUE(core_.take(0, kMany).batches.empty()) << "claims alone";
  says("r2", other_, claim(1));
  const auto gathered = core_.take(2, kMany);
  ASSERT_EQ(gathered.claims.size(), 1U);
  EXPECT_EQ(gathered.claims[0].name, "gateway-2");
  EXPECT_EQ(gathered.claims[0].frame.number, 1U);
  EXPECT_EQ(gathered.claims[0].arrived, clock_.mono());
  ASSERT_EQ(gathered.batches.size(), 1U) << "at least one, however large";
  EXPECT_EQ(gathered.batches[0].name, "gateway");
  EXPECT_EQ(clock_.mono() - gathered.batches[0].arrived, milliseconds{7});
}

TEST_F(ObservationIntakeCoreTest, hands_on_only_the_newest_claim_of_a_conversation_for_a_domain) {
  for (std::uint64_t number = 1; number <= 5; ++number) says("r1", gateway_, claim(number));
  says("r1", gateway_, claim(6, "example.net"));
  says("r2", other_, claim(7));
  const auto claims = core_.take(1, kMany).claims;
  ASSERT_EQ(claims.size(), 3U);
  EXPECT_EQ(claims[0].frame.number, 6U);
  EXPECT_EQ(claims[1].frame.number, 5U);
  EXPECT_EQ(claims[2].frame.number, 7U);
  EXPECT_TRUE(core_.take(1, kMany).empty());
}

TEST_F(ObservationIntakeCoreTest, answers_a_claim_to_who_made_it_and_takes_no_credit_for_it) {
  for (std::uint64_t number = 1; number <= 500; ++number) {
    says("r1", gateway_, claim(number));
    const auto claims = core_.take(1, kMany).claims;
    ASSERT_EQ(claims.size(), 1U);
    const auto effects = core_.answer(claims[0].peer, {"example.org", number, true, 3, 0, 10'000, ""});
    ASSERT_EQ(effects.peers.send.size(), 1U);
    EXPECT_EQ(effects.peers.send[0].route, "r1");
    EXPECT_EQ(only<LeaseAnswerFrame>(effects.peers).number, number);
  }
  EXPECT_TRUE(says("r1", gateway_, seen(1, 50)).peers.send.empty());
  EXPECT_TRUE(says("r1", gateway_, seen(51, 50)).peers.send.empty()) << "the whole window is still there";
}

TEST_F(ObservationIntakeCoreTest, takes_no_more_bytes_at_once_than_asked_for_but_a_batch_at_least) {
  for (const std::uint64_t first : {1U, 11U, 21U}) says("r1", gateway_, seen(first, 10, 100));
  EXPECT_EQ(core_.waiting_load(), (Load{30, 3'000}));
  EXPECT_TRUE(core_.take(100, 0).empty());
  EXPECT_EQ(core_.take(100, 1).batches.size(), 1U);
  EXPECT_EQ(core_.take(100, 1'999).batches.size(), 1U);
  EXPECT_EQ(core_.waiting_load(), (Load{30, 3'000})) << "taken is not concluded";
  EXPECT_EQ(core_.take(100, 2'000).batches.size(), 1U);
}

TEST_F(ObservationIntakeCoreTest, keeps_the_order_of_observations_and_gives_credit_once_they_are_concluded) {
  says("r1", gateway_, seen(1, 50));
  says("r1", gateway_, seen(51, 30));
  says("r1", gateway_, seen(81, 20));
  EXPECT_EQ(only<RefusalFrame>(says("r1", gateway_, seen(101, 1)).peers).code, RefusalCode::kOverCredit);
  EXPECT_EQ(core_.waiting(), 100U);
  const auto batches = core_.take(80, kMany).batches;
  ASSERT_EQ(batches.size(), 2U);
  EXPECT_EQ(batches[0].frame.first_sequence, 1U);
  EXPECT_EQ(batches[1].frame.first_sequence, 51U);
  EXPECT_EQ(core_.waiting(), 100U) << "taken is not concluded";
  const auto effects = core_.conclude(batches[0].peer, stored(50), 50);
  EXPECT_EQ(only<ObservationsStoredFrame>(effects.peers).last_sequence, 50U);
  EXPECT_EQ(only<CreditFrame>(effects.peers).credit.items, 150U);
  EXPECT_EQ(core_.waiting(), 50U);
  EXPECT_EQ(core_.take(80, kMany).batches.at(0).frame.first_sequence, 81U);
}

TEST_F(ObservationIntakeCoreTest, hands_a_release_on_after_everything_its_conversation_said_before) {
  says("r1", gateway_, seen(1, 5));
  says("r1", gateway_, seen(6, 5));
  says("r1", gateway_, LeaseReleaseFrame{"example.org", 3});
  says("r2", other_, LeaseReleaseFrame{"example.org", 2});
  auto gathered = core_.take(5, kMany);
  EXPECT_EQ(gathered.batches.size(), 1U);
  ASSERT_EQ(gathered.releases.size(), 1U) << "the other's has nothing to wait for";
  EXPECT_EQ(gathered.releases[0].name, "gateway-2");
  gathered = core_.take(5, kMany);
  EXPECT_EQ(gathered.batches.size(), 1U);
  ASSERT_EQ(gathered.releases.size(), 1U);
  EXPECT_EQ(gathered.releases[0].frame.epoch, 3U);
  EXPECT_TRUE(core_.take(5, kMany).empty());
}

TEST_F(ObservationIntakeCoreTest, refuses_a_key_without_the_right_each_time_and_gives_its_credit_back) {
  says("r3", forum_, hello(LinkKind::kObservation));
  for (int i = 0; i < 20; ++i) {
    for (const Frame& frame :
         {Frame(seen(1, 50)), Frame(claim(1)), Frame(LeaseReleaseFrame{"example.org", 3})}) {
      const auto effects = says("r3", forum_, frame);
      ASSERT_EQ(sent<RefusalFrame>(effects.peers).at(0).code, RefusalCode::kNotAuthorized);
      EXPECT_FALSE(effects.gathered);
    }
  }
  EXPECT_TRUE(core_.take(100, kMany).empty());
  EXPECT_EQ(core_.waiting(), 0U);
}

TEST_F(ObservationIntakeCoreTest,
       turns_a_revoked_key_away_at_its_next_message_and_forgets_what_it_said_and_nobody_took) {
  says("r1", gateway_, seen(1, 5));
  keys_ = AuthorizedKeys({other_});
  const auto effects = says("r1", gateway_, seen(6, 5));
  EXPECT_EQ(only<RefusalFrame>(effects.peers).code, RefusalCode::kNotAuthorized);
  EXPECT_TRUE(core_.take(100, kMany).batches.empty())
      << "it has no answer: its sender says it again when it may";
  EXPECT_EQ(core_.waiting(), 0U);
}

TEST_F(ObservationIntakeCoreTest, refuses_frames_that_no_gateway_in_its_right_mind_sends) {
  is_refused(LeaseClaimFrame{"example.org", "short", 1}, RefusalCode::kMalformedFrame);
  is_refused(claim(1, ""), RefusalCode::kMalformedFrame);
  is_refused(claim(1, std::string(1'024, 'd')), RefusalCode::kMalformedFrame);
  is_refused(LeaseReleaseFrame{"example.org", 0}, RefusalCode::kMalformedFrame);
  is_refused(LeaseReleaseFrame{"", 1}, RefusalCode::kMalformedFrame);
  is_refused(seen(1, 0), RefusalCode::kMalformedFrame);
  is_refused(seen(0, 1), RefusalCode::kMalformedFrame);
  is_refused(seen(kMaxNumber - 3, 5), RefusalCode::kMalformedFrame);
  is_refused(ObservationsFrame{"example.org", kMaxNumber + 1, 1, {"o"}}, RefusalCode::kMalformedFrame);
  is_refused(seen(1, 51), RefusalCode::kBatchTooLarge);
  EXPECT_TRUE(says("r1", gateway_, seen(kMaxNumber - 4, 5)).gathered) << "the last number there is";
}

TEST_F(ObservationIntakeCoreTest,
       hands_on_whatever_epoch_is_claimed_for_only_the_database_knows_the_one_in_force) {
  auto forged = seen(1, 1);
  forged.epoch = kMaxNumber;
  EXPECT_TRUE(says("r2", other_, forged).gathered);
  const auto batches = core_.take(1, kMany).batches;
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(batches[0].name, "gateway-2") << "the name is the key's";
  EXPECT_EQ(batches[0].frame.epoch, kMaxNumber);
}

TEST_F(ObservationIntakeCoreTest, forgets_what_nobody_waits_for_but_neither_what_was_taken_nor_a_release) {
  says("r1", gateway_, seen(1, 5));
  const auto taken = core_.take(5, kMany).batches;
  says("r1", gateway_, seen(6, 5));
  says("r1", gateway_, claim(9));
  says("r1", gateway_, LeaseReleaseFrame{"example.org", 3});
  static_cast<void>(core_.drop("r1"));
  EXPECT_EQ(core_.waiting(), 5U);
  EXPECT_TRUE(core_.conclude(taken.at(0).peer, stored(5), 5).peers.send.empty());
  const auto gathered = core_.take(100, kMany);
  EXPECT_TRUE(gathered.claims.empty());
  EXPECT_TRUE(gathered.batches.empty());
  EXPECT_EQ(gathered.releases.size(), 1U);
  EXPECT_TRUE(core_.answer(taken.at(0).peer, {}).peers.send.empty());
}

TEST_F(ObservationIntakeCoreTest, has_no_room_when_all_together_wait_for_too_much) {
  limits_.window_total_bytes = 100;
  core_ = ObservationIntakeCore(limits_, std::string(16, 'i'));
  SetUp();
  EXPECT_TRUE(core_.has_room());
  says("r1", gateway_, seen(1, 2, 50));
  EXPECT_FALSE(core_.has_room());
  const auto taken = core_.take(1, kMany).batches;
  EXPECT_FALSE(core_.has_room()) << "what is taken is still in memory";
  static_cast<void>(core_.conclude(taken.at(0).peer, stored(2), 2));
  EXPECT_TRUE(core_.has_room());
  EXPECT_EQ(core_.flow().waiting, Load{});
}

TEST_F(ObservationIntakeCoreTest,
       has_no_room_when_claims_and_releases_wait_for_more_domains_than_there_may_be_peers) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(core_.has_room());
    says("r1", gateway_, claim(1, "d" + std::to_string(i)));
    says("r1", gateway_, LeaseReleaseFrame{"d" + std::to_string(i), 1});
  }
  EXPECT_FALSE(core_.has_room());
  static_cast<void>(core_.take(1, kMany));
  EXPECT_TRUE(core_.has_room());
}

TEST_F(ObservationIntakeCoreTest, closed_gives_no_credit_but_goes_on_taking_claims) {
  static_cast<void>(core_.set_open(false));
  says("r1", gateway_, hello(LinkKind::kObservation));
  EXPECT_EQ(only<RefusalFrame>(says("r1", gateway_, seen(1, 1)).peers).code, RefusalCode::kOverCredit);
  EXPECT_TRUE(says("r1", gateway_, claim(1)).gathered);
  EXPECT_EQ(core_.take(1, kMany).claims.size(), 1U);
  EXPECT_EQ(sent<CreditFrame>(core_.set_open(true).peers).size(), 2U);
  const auto told = sent<CreditFrame>(core_.set_open(false).peers);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_TRUE(told[0].paused && told[1].paused);
  EXPECT_EQ(core_.flow().granted, Load{});
}

}  // namespace
}  // namespace rostrum::bus::test
