// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/core/transactions.hpp"

#include <deque>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"
#include "tests/support/presence/fake_presence_store.hpp"
#include "tests/support/presence/told.hpp"

namespace rostrum::presence {
namespace {

using namespace test;
using std::chrono::seconds;

constexpr auto kLength = Milliseconds(10'000);

Uuid token(char which) {
  return *Uuid::from_bytes(std::string(16, which));
}

class Transactions : public testing::Test {
 protected:
  rostrum::test::FakeClock clock;
  FakePresenceStore store{clock};
  std::deque<std::vector<std::optional<Observation>>> told;

  Decision claim(char which) {
    return take_claim(store, kDomain, {"gateway", token(which)}, clock.mono(), kLength);
  }
  Frame frame(std::int64_t first, std::vector<std::optional<Observation>> observations,
              std::int64_t epoch = 1) {
    return {epoch, first, told.emplace_back(std::move(observations)), clock.mono()};
  }
  Recorded take(const std::vector<Frame>& frames) { return record(store, kDomain, frames); }
  const Lease& lease() { return store.tables.leases.at(kDomain); }
};

TEST_F(Transactions, claims_and_releases_follow_one_another) {
  EXPECT_EQ(claim('a').lease->epoch, 1);
  EXPECT_EQ(claim('b').outcome, Decision::Outcome::kRefused);
  EXPECT_FALSE(take_release(store, kDomain, 2));
  EXPECT_TRUE(take_release(store, kDomain, 1));
  EXPECT_EQ(claim('b').lease->epoch, 2);
}

TEST_F(Transactions, a_claim_that_is_refused_writes_nothing) {
  claim('a');
  const auto writes = store.writes;
  claim('b');
  EXPECT_EQ(store.writes, writes);
}

TEST_F(Transactions, observations_of_a_domain_that_nobody_owns_are_stale) {
  const auto recorded = take({frame(1, {snapshot_began()})});
  EXPECT_EQ(recorded.answers.at(0).verdict, Verdict::kStale);
  EXPECT_EQ(recorded.tally.stale, 1U);
  EXPECT_FALSE(take_release(store, kDomain, 1));
  EXPECT_TRUE(store.tables.leases.empty());
}

TEST_F(Transactions, frames_are_stored_as_if_one_after_the_other) {
  claim('a');
  const auto recorded =
      take({frame(1, {snapshot_began(), available("anna/phone")}),
            frame(2, {available("anna/phone"), snapshot_ended()}), frame(5, {unavailable("anna/phone")}),
            frame(4, {available("ben/desk")}, 2), frame(4, {available("ben/desk")})});
  std::vector<std::pair<Verdict, std::int64_t>> answers;
  for (const auto& answer : recorded.answers) answers.emplace_back(answer.verdict, answer.last_sequence);
  EXPECT_THAT(answers, testing::ElementsAre(std::pair(Verdict::kStored, 2), std::pair(Verdict::kStored, 3),
                                            std::pair(Verdict::kGap, 3), std::pair(Verdict::kStale, 0),
                                            std::pair(Verdict::kStored, 4)));
  EXPECT_EQ(lease().last_sequence, 4);
  EXPECT_EQ(store.tables.online.size(), 2U);
  EXPECT_THAT(recorded.tally.observations, testing::ElementsAre(2, 0, 1, 1, 0));
  EXPECT_EQ(recorded.tally.repeats, 1U);
  EXPECT_EQ(recorded.tally.stale, 1U);
  EXPECT_EQ(recorded.tally.behind_gap, 1U);
  EXPECT_EQ(recorded.tally.to_online, 2U);
}

TEST_F(Transactions, what_is_all_repeats_writes_nothing_and_says_what_is_stored) {
  claim('a');
  take({frame(1, {snapshot_began(), available("anna/phone")})});
  const auto writes = store.writes;
  const auto recorded = take({frame(1, {snapshot_began(), available("anna/phone")})});
  EXPECT_EQ(recorded.answers.at(0).verdict, Verdict::kStored);
  EXPECT_EQ(recorded.answers.at(0).last_sequence, 2);
  EXPECT_EQ(store.writes, writes);
}

TEST_F(Transactions, what_cannot_be_read_has_its_number) {
  claim('a');
  take({frame(1, {snapshot_began(), std::nullopt, available("anna/phone")})});
  EXPECT_EQ(lease().last_sequence, 3);
  EXPECT_EQ(take({frame(4, {std::nullopt})}).answers.at(0).last_sequence, 4) << "also alone";
  EXPECT_EQ(lease().last_sequence, 4);
}

TEST_F(Transactions, happened_as_long_ago_as_they_waited_and_as_they_say) {
  claim('a');
  take({frame(1, {snapshot_began(), snapshot_ended()})});
  clock.advance(seconds(30));
  const auto came = frame(3, {available("anna/phone", Show::kOnline, seconds(2))});
  const auto arrived = clock.wall();
  clock.advance(seconds(5));  // the database was away
  take({came});
  EXPECT_EQ(store.tables.transitions.at(0).at, arrived - seconds(2));
  EXPECT_EQ(lease().heard_at, arrived - seconds(2)) << "what happened later may still be on its way";
}

TEST_F(Transactions, what_a_lost_owner_had_seen_and_not_told_is_not_covered) {
  claim('a');
  take({frame(1, {snapshot_began(), available("anna/phone"), snapshot_ended()})});
  clock.advance(seconds(5));
  const auto seen = clock.wall();  // anna goes, and nobody can be told
  clock.advance(seconds(4));
  ASSERT_EQ(take_claim(store, kDomain, {"gateway", token('a'), seconds(4)}, clock.mono(), kLength).outcome,
            Decision::Outcome::kRenewed);
  clock.advance(kLength);
  ASSERT_EQ(claim('b').outcome, Decision::Outcome::kGranted);
  EXPECT_EQ(store.tables.coverage.at({kDomain, {1, 1}}).ended_at, seen);
}

TEST_F(Transactions, an_owner_whose_lease_ran_out_may_still_tell_what_it_saw) {
  claim('a');
  clock.advance(kLength * 2);
  EXPECT_EQ(take({frame(1, {snapshot_began()})}).answers.at(0).verdict, Verdict::kStored);
}

TEST_F(Transactions, the_older_of_two_owners_is_not_believed) {
  claim('a');
  take({frame(1, {snapshot_began(), available("anna/phone"), snapshot_ended()})});
  clock.advance(kLength);
  ASSERT_EQ(claim('b').lease->epoch, 2);
  EXPECT_EQ(take({frame(4, {unavailable("anna/phone")})}).answers.at(0).verdict, Verdict::kStale);
  EXPECT_TRUE(store.tables.online.contains(key("anna/phone")));
}

TEST_F(Transactions, the_unseen_are_closed_page_by_page) {
  claim('a');
  take({frame(1, {snapshot_began(), available("a/x"), available("b/x"), available("c/x"), available("d/x"),
                  snapshot_ended(), view_lost(), snapshot_began(), available("c/x"), snapshot_ended()})});
  const auto mark = lease().mark();
  const auto first = sweep_some(store, kDomain, mark, std::nullopt, 2);
  EXPECT_EQ(first.closed, 2U);
  EXPECT_EQ(first.last, key("b/x"));
  EXPECT_FALSE(lease().swept);
  const auto second = sweep_some(store, kDomain, mark, first.last, 2);
  EXPECT_EQ(second.closed, 1U);
  EXPECT_FALSE(second.last);
  EXPECT_TRUE(lease().swept);
  EXPECT_EQ(store.tables.online.size(), 1U);
  EXPECT_EQ(store.tables.sessions.size(), 3U);
}

TEST_F(Transactions, a_sweep_leaves_alone_what_a_newer_snapshot_is_about_to_name) {
  claim('a');
  take(
      {frame(1, {snapshot_began(), available("a/x"), snapshot_ended(), snapshot_began(), snapshot_ended()})});
  const auto mark = lease().mark();
  take({frame(6, {snapshot_began()})});
  EXPECT_EQ(sweep_some(store, kDomain, mark, std::nullopt, 2).closed, 0U) << "under way";
  take({frame(7, {available("a/x"), snapshot_ended()})});
  EXPECT_EQ(sweep_some(store, kDomain, mark, std::nullopt, 2).closed, 0U) << "complete";
  EXPECT_TRUE(store.tables.online.contains(key("a/x")));
}

}  // namespace
}  // namespace rostrum::presence
