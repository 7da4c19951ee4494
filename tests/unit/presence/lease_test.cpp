// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/core/lease.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"

namespace rostrum::presence {
namespace {

using std::chrono::seconds;
using Outcome = Decision::Outcome;

constexpr auto kNow = test::FakeClock::kStartWall;
constexpr auto kLength = Milliseconds(10'000);

Uuid token(char which) {
  return *Uuid::from_bytes(std::string(16, which));
}

/// Owned by "one" under token a, heard of `since_heard` ago.
Lease owned(Milliseconds since_heard = Milliseconds(0)) {
  return {.owner = "one",
          .token = token('a'),
          .epoch = 7,
          .valid_until = kNow - since_heard + kLength,
          .heard_at = kNow - since_heard,
          .last_sequence = 42,
          .snapshot = 3,
          .whole_since = kNow - seconds(100),
          .covered_until = kNow - seconds(200),
          .last_change = 99};
}

Decision claim(char which, const std::optional<Lease>& lease, Milliseconds waited = Milliseconds(0)) {
  return decide({"two", token(which)}, lease, kNow, kNow - waited, kLength);
}

TEST(LeaseRules, grant_the_first_epoch_of_a_domain_that_nobody_ever_owned) {
  const auto decision = claim('b', std::nullopt);
  EXPECT_EQ(decision.outcome, Outcome::kGranted);
  EXPECT_EQ(
      *decision.lease,
      (Lease{
          .owner = "two", .token = token('b'), .epoch = 1, .valid_until = kNow + kLength, .heard_at = kNow}));
  EXPECT_FALSE(decision.closed);
}

TEST(LeaseRules, refuse_who_comes_while_another_owns_it) {
  const auto decision = claim('b', owned());
  EXPECT_EQ(decision.outcome, Outcome::kRefused);
  EXPECT_EQ(*decision.lease, owned());
}

TEST(LeaseRules, renew_the_owners_and_lose_nothing_of_what_it_told) {
  const auto decision = claim('a', owned(seconds(3)));
  EXPECT_EQ(decision.outcome, Outcome::kRenewed);
  auto expected = owned(seconds(0));
  expected.owner = "two";  // its key was given another name
  EXPECT_EQ(*decision.lease, expected);
  EXPECT_FALSE(decision.closed);
}

TEST(LeaseRules, renew_one_that_ran_out_while_nobody_else_took_it) {
  const auto decision = claim('a', owned(seconds(3'600)));
  EXPECT_EQ(decision.outcome, Outcome::kRenewed);
  EXPECT_EQ(decision.lease->epoch, 7);
  EXPECT_EQ(decision.lease->last_sequence, 42);
  EXPECT_TRUE(decision.lease->whole());
}

TEST(LeaseRules, grant_one_that_ran_out_to_another_as_a_new_epoch_that_begins_with_nothing) {
  const auto decision = claim('b', owned(kLength));
  EXPECT_EQ(decision.outcome, Outcome::kGranted);
  EXPECT_EQ(*decision.lease, (Lease{.owner = "two",
                                    .token = token('b'),
                                    .epoch = 8,
                                    .valid_until = kNow + kLength,
                                    .heard_at = kNow,
                                    .covered_until = kNow - kLength,
                                    .last_change = 99}));
}

TEST(LeaseRules, renew_one_that_is_behind_but_do_not_say_that_all_was_heard) {
  const auto decision = decide({"one", token('a'), seconds(2)}, owned(seconds(3)), kNow, kNow, kLength);
  EXPECT_EQ(decision.lease->valid_until, kNow + kLength);
  EXPECT_EQ(decision.lease->heard_at, kNow - seconds(2));
  EXPECT_EQ(decide({"one", token('a'), seconds(9)}, owned(seconds(3)), kNow, kNow, kLength).lease->heard_at,
            kNow - seconds(3))
      << "what was heard was heard";
}

TEST(LeaseRules, end_the_coverage_of_an_owner_that_died_when_it_was_last_heard_of) {
  const auto decision = claim('b', owned(seconds(30)));
  EXPECT_EQ(*decision.closed, (Coverage{{7, 3}, kNow - seconds(100), kNow - seconds(30), "gateway-lost"}));
}

TEST(LeaseRules, leave_a_coverage_alone_that_its_owner_has_ended) {
  auto lease = owned(seconds(30));
  (void)end_coverage(lease, kNow - seconds(40), "stopping");
  const auto decision = claim('b', lease);
  EXPECT_FALSE(decision.closed);
  EXPECT_EQ(decision.lease->covered_until, kNow - seconds(40));
}

TEST(LeaseRules, count_from_when_the_claim_came_in) {
  EXPECT_EQ(claim('b', std::nullopt, seconds(4)).lease->valid_until, kNow + kLength - seconds(4));
  EXPECT_EQ(claim('a', owned(seconds(3)), seconds(4)).lease->valid_until, kNow + kLength - seconds(3))
      << "a renewal that waited takes nothing back";
}

TEST(LeaseRules, do_not_answer_a_claim_that_waited_as_long_as_it_would_have_held) {
  EXPECT_EQ(claim('a', owned(), kLength).outcome, Outcome::kTooLate);
  EXPECT_EQ(claim('b', std::nullopt, kLength).outcome, Outcome::kTooLate);
}

TEST(LeaseRules, free_at_once_what_is_given_back) {
  const auto free = give_back(owned(), 7, kNow);
  ASSERT_TRUE(free);
  EXPECT_EQ(free->epoch, 7);
  EXPECT_EQ(claim('b', *free).outcome, Outcome::kGranted);
}

TEST(LeaseRules, do_not_let_a_renewal_that_was_under_way_bring_back_what_was_given_back) {
  const auto again = claim('a', give_back(owned(), 7, kNow));
  EXPECT_EQ(again.outcome, Outcome::kGranted);
  EXPECT_EQ(again.lease->epoch, 8);
}

TEST(LeaseRules, let_nobody_give_back_anothers) {
  EXPECT_FALSE(give_back(owned(), 6, kNow));
  EXPECT_FALSE(give_back(owned(), 8, kNow));
}

}  // namespace
}  // namespace rostrum::presence
