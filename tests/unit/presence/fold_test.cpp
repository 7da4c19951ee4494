// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/core/fold.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"
#include "tests/support/presence/told.hpp"

namespace rostrum::presence {
namespace {

using namespace test;
using std::chrono::seconds;
using testing::IsEmpty;

constexpr auto kNow = rostrum::test::FakeClock::kStartWall;

WallTime ago(int s) {
  return kNow - seconds(s);
}

/// A batch of observations over what is known; the first has number 11.
class FoldTest : public testing::Test {
 protected:
  /// The view is whole since 1,000 s ago, under mark (5, 2); it had been whole until 2,000 s ago.
  Lease lease{.owner = "gateway",
              .epoch = 5,
              .valid_until = kNow + seconds(10),
              .heard_at = kNow,
              .last_sequence = 10,
              .snapshot = 2,
              .whole_since = ago(1'000),
              .covered_until = ago(2'000),
              .last_change = 100};
  std::vector<Known> known;

  /// A snapshot is under way.
  void is_looking() { lease.whole_since.reset(); }
  /// The first that there ever was.
  void is_looking_for_the_first_time() {
    is_looking();
    lease.covered_until.reset();
  }

  /// Online like this since 500 s ago, in a session that began 900 s ago.
  Online& is_online(const std::string& name, Mark mark = {5, 2}) {
    known.push_back({key(name), Online{key(name), appearance(), ago(500), ago(900), false, mark}, {}, {}});
    return *known.back().online;
  }
  /// The same, but seen last under an earlier mark, whose coverage ended `covered_until` s ago.
  Online& was_online(const std::string& name, int covered_until = 200) {
    auto& online = is_online(name, {4, 9});
    known.back().covered_until = ago(covered_until);
    return online;
  }

  Changes fold(const std::vector<Observation>& observations) {
    Fold fold(lease, known, kNow);
    auto sequence = lease.last_sequence;
    for (const auto& one : observations) fold.add(one, ++sequence, kNow - one.age.value_or(kJustNow));
    return std::move(fold).finish();
  }

  static Online now_online(const std::string& name, const Appearance& appearance, WallTime since,
                           WallTime began, bool uncertain, Mark mark = {5, 2}) {
    return {key(name), appearance, since, began, uncertain, mark};
  }
};

// --- while the view is whole

TEST_F(FoldTest, knows_until_when_all_was_heard) {
  lease.heard_at = ago(50);
  EXPECT_EQ(fold({available("anna/phone", Show::kOnline, seconds(3))}).lease.heard_at, ago(3));
  EXPECT_EQ(fold({available("anna/phone", Show::kOnline, seconds(90))}).lease.heard_at, ago(50))
      << "an old row of a snapshot says nothing new";
  is_looking();
  EXPECT_EQ(fold({snapshot_ended()}).lease.heard_at, kNow) << "from now on it is whole";
}

TEST_F(FoldTest, a_resource_comes) {
  const auto changes = fold({available("anna/phone", Show::kAway, seconds(2))});
  EXPECT_THAT(changes.online,
              testing::ElementsAre(now_online("anna/phone", appearance(Show::kAway), ago(2), ago(2), false)));
  EXPECT_THAT(changes.transitions, testing::ElementsAre(Transition{101, ago(2), key("anna/phone"),
                                                                   appearance(Show::kAway), false}));
  EXPECT_THAT(changes.sessions, IsEmpty());
  EXPECT_EQ(changes.lease.last_change, 101);
  EXPECT_EQ(changes.to_online, 1U);
}

TEST_F(FoldTest, a_resource_changes_and_its_session_goes_on) {
  is_online("anna/phone");
  const auto changes = fold({available("anna/phone", appearance(Show::kDnd, 5, "busy"), seconds(2))});
  EXPECT_THAT(changes.online, testing::ElementsAre(now_online("anna/phone", appearance(Show::kDnd, 5, "busy"),
                                                              ago(2), ago(900), false)));
  EXPECT_THAT(changes.transitions,
              testing::ElementsAre(
                  Transition{101, ago(2), key("anna/phone"), appearance(Show::kDnd, 5, "busy"), false}));
  EXPECT_EQ(changes.to_changed, 1U);
}

TEST_F(FoldTest, a_resource_that_says_the_same_again_changes_nothing) {
  is_online("anna/phone");
  const auto changes = fold({available("anna/phone")});
  EXPECT_THAT(changes.online, IsEmpty());
  EXPECT_THAT(changes.transitions, IsEmpty());
}

TEST_F(FoldTest, a_resource_goes) {
  is_online("anna/phone");
  const auto changes = fold({unavailable("anna/phone", Ending::kDropped, seconds(2))});
  EXPECT_THAT(changes.gone, testing::ElementsAre(key("anna/phone")));
  EXPECT_THAT(changes.online, IsEmpty());
  EXPECT_THAT(changes.transitions,
              testing::ElementsAre(Transition{101, ago(2), key("anna/phone"), Ending::kDropped, false}));
  EXPECT_THAT(changes.sessions, testing::ElementsAre(Session{101, key("anna/phone"), ago(900), ago(2),
                                                             Ending::kDropped, false}));
  EXPECT_THAT(changes.seen, testing::ElementsAre(Seen{key("anna/phone").jid, ago(2), false}));
  EXPECT_EQ(changes.to_offline, 1U);
}

TEST_F(FoldTest, a_resource_that_nobody_knows_cannot_go) {
  const auto changes = fold({unavailable("anna/phone")});
  EXPECT_THAT(changes.transitions, IsEmpty());
  EXPECT_THAT(changes.gone, IsEmpty());
}

TEST_F(FoldTest, a_resource_told_of_many_times_has_its_transitions_in_order_and_one_row) {
  is_online("anna/phone");
  const auto changes = fold({available("anna/phone", Show::kAway), unavailable("anna/phone"),
                             available("anna/phone", Show::kXa), available("anna/phone", Show::kXa),
                             available("anna/phone", Show::kChat)});
  EXPECT_THAT(changes.transitions,
              testing::ElementsAre(Transition{101, kNow, key("anna/phone"), appearance(Show::kAway), false},
                                   Transition{102, kNow, key("anna/phone"), Ending::kLeft, false},
                                   Transition{103, kNow, key("anna/phone"), appearance(Show::kXa), false},
                                   Transition{104, kNow, key("anna/phone"), appearance(Show::kChat), false}));
  EXPECT_THAT(changes.online,
              testing::ElementsAre(now_online("anna/phone", appearance(Show::kChat), kNow, kNow, false)));
  EXPECT_THAT(changes.gone, IsEmpty());
}

TEST_F(FoldTest, a_resource_that_comes_and_goes_in_one_batch_leaves_its_session_and_no_row) {
  const auto changes = fold({available("anna/phone", Show::kOnline, seconds(9)),
                             unavailable("anna/phone", Ending::kLeft, seconds(4))});
  EXPECT_THAT(changes.online, IsEmpty());
  EXPECT_THAT(changes.gone, IsEmpty());
  EXPECT_THAT(changes.sessions,
              testing::ElementsAre(Session{102, key("anna/phone"), ago(9), ago(4), Ending::kLeft, false}));
}

TEST_F(FoldTest, the_last_of_a_members_sessions_to_end_is_when_the_member_was_seen) {
  is_online("anna/phone");
  is_online("anna/desk");
  is_online("ben/desk");
  const auto changes = fold({unavailable("anna/desk", Ending::kLeft, seconds(1)),
                             unavailable("anna/phone", Ending::kLeft, seconds(7)), unavailable("ben/desk")});
  EXPECT_THAT(changes.seen, testing::ElementsAre(Seen{key("anna/desk").jid, ago(1), false},
                                                 Seen{key("ben/desk").jid, kNow, false}));
}

TEST_F(FoldTest, rows_stand_in_the_order_of_their_keys) {
  is_online("carl/desk");
  is_online("anna/desk");
  const auto changes = fold({available("ben/b"), available("anna/phone"), available("ben/a"),
                             unavailable("carl/desk"), unavailable("anna/desk")});
  std::vector<ResourceKey> keys;
  for (const auto& one : changes.online) keys.push_back(one.who);
  EXPECT_THAT(keys, testing::ElementsAre(key("anna/phone"), key("ben/a"), key("ben/b")));
  EXPECT_THAT(changes.gone, testing::ElementsAre(key("anna/desk"), key("carl/desk")));
}

// --- times

TEST_F(FoldTest, nothing_is_older_than_what_was_known_before) {
  is_online("anna/phone");
  const auto changes = fold({available("anna/phone", Show::kAway, seconds(700)),
                             unavailable("anna/phone", Ending::kLeft, seconds(600))});
  EXPECT_EQ(changes.transitions[0].at, ago(500));
  EXPECT_EQ(changes.transitions[1].at, ago(500));
}

TEST_F(FoldTest, a_session_does_not_begin_before_the_one_before_it_ended) {
  known.push_back({key("anna/phone"), std::nullopt, std::nullopt, ago(30)});
  auto changes = fold({available("anna/phone", Show::kOnline, seconds(60))});
  EXPECT_EQ(changes.online[0].began_at, ago(30)) << "the one before is in the database";
  known.clear();
  is_online("anna/phone");
  changes = fold({unavailable("anna/phone", Ending::kLeft, seconds(5)),
                  available("anna/phone", Show::kOnline, seconds(60))});
  EXPECT_EQ(changes.online[0].began_at, ago(5)) << "the one before is in the batch";
}

TEST_F(FoldTest, nothing_happens_in_the_future) {
  is_online("anna/phone");
  Fold fold(lease, known, kNow);
  fold.add(available("ben/desk"), 11, kNow + seconds(5));
  fold.add(unavailable("anna/phone"), 12, kNow + seconds(5));
  const auto changes = std::move(fold).finish();
  EXPECT_EQ(changes.transitions[0].at, kNow);
  EXPECT_EQ(changes.sessions[0].ended_at, kNow);
}

// --- marks and coverage

TEST_F(FoldTest, a_snapshot_begins_and_ends) {
  is_looking();
  lease.snapshot = 0;
  auto changes = fold({snapshot_began(), snapshot_ended(seconds(3))});
  EXPECT_EQ(changes.lease.mark(), (Mark{5, 11})) << "named by the number of its beginning";
  EXPECT_EQ(changes.lease.whole_since, kNow) << "not before it was told";
  EXPECT_FALSE(changes.lease.swept);
  EXPECT_THAT(changes.coverage, testing::ElementsAre(Coverage{{5, 11}, kNow, std::nullopt, ""}));
}

TEST_F(FoldTest, the_view_is_lost) {
  const auto changes = fold({view_lost("stream-lost", seconds(3))});
  EXPECT_EQ(changes.lease.snapshot, 0);
  EXPECT_FALSE(changes.lease.whole());
  EXPECT_EQ(changes.lease.covered_until, ago(3));
  EXPECT_THAT(changes.coverage, testing::ElementsAre(Coverage{{5, 2}, ago(1'000), ago(3), "stream-lost"}));
}

TEST_F(FoldTest, a_snapshot_that_begins_anew_ends_the_coverage) {
  const auto changes = fold({snapshot_began(seconds(3))});
  EXPECT_EQ(changes.lease.mark(), (Mark{5, 11}));
  EXPECT_FALSE(changes.lease.whole());
  EXPECT_THAT(changes.coverage, testing::ElementsAre(Coverage{{5, 2}, ago(1'000), ago(3), "snapshot-began"}));
}

TEST_F(FoldTest, a_snapshot_that_starts_over_counts_from_its_second_beginning) {
  is_looking();
  const auto changes = fold({snapshot_began(), available("anna/phone"), snapshot_began(), snapshot_ended()});
  EXPECT_EQ(changes.lease.mark(), (Mark{5, 13}));
  EXPECT_EQ(changes.online[0].mark, (Mark{5, 11})) << "named before: not confirmed";
}

TEST_F(FoldTest, a_coverage_that_begins_and_ends_in_one_batch_is_one_row) {
  is_looking();
  const auto changes = fold({snapshot_ended(seconds(9)), view_lost("stopping", seconds(4))});
  EXPECT_THAT(changes.coverage, testing::ElementsAre(Coverage{{5, 2}, kNow, kNow, "stopping"}));
}

TEST_F(FoldTest, a_coverage_never_ends_before_its_begin_however_old_the_loss) {
  is_online("anna/phone");
  const auto began_at = *lease.whole_since;
  const auto changes = fold({view_lost("overflow", kNow - began_at + seconds(60))});
  EXPECT_THAT(changes.coverage, testing::ElementsAre(Coverage{{5, 2}, began_at, began_at, "overflow"}));
  EXPECT_EQ(changes.lease.covered_until, began_at);
}

TEST_F(FoldTest, a_loss_may_be_older_than_what_is_stored_already_and_takes_back_nothing_of_it) {
  is_online("anna/phone");
  const auto changes = fold({available("anna/phone", Show::kAway, seconds(20)),
                             available("ben/desk", Show::kOnline, seconds(10)),
                             view_lost("overflow", seconds(60)), snapshot_began(), snapshot_ended(),
                             available("anna/phone", Show::kXa), available("ben/desk", Show::kXa)});
  EXPECT_EQ(changes.coverage.at(0).ended_at, ago(60));
  EXPECT_THAT(
      changes.transitions,
      testing::ElementsAre(Transition{101, ago(20), key("anna/phone"), appearance(Show::kAway), false},
                           Transition{102, ago(10), key("ben/desk"), appearance(), false},
                           Transition{103, ago(20), key("anna/phone"), Ending::kUnseen, true},
                           Transition{104, kNow, key("anna/phone"), appearance(Show::kXa), false},
                           Transition{105, ago(10), key("ben/desk"), Ending::kUnseen, true},
                           Transition{106, kNow, key("ben/desk"), appearance(Show::kXa), false}));
}

TEST_F(FoldTest, what_has_no_beginning_has_no_end) {
  is_looking();
  lease.snapshot = 0;
  const auto changes = fold({snapshot_ended(), view_lost()});
  EXPECT_THAT(changes.coverage, IsEmpty());
  EXPECT_EQ(changes.lease.snapshot, 0);
  EXPECT_FALSE(changes.lease.whole());
}

TEST_F(FoldTest, a_coverage_does_not_begin_before_the_one_before_it_ended) {
  is_looking();
  lease.covered_until = kNow + seconds(10);  // somebody set the clock back
  EXPECT_EQ(fold({snapshot_ended()}).lease.whole_since, kNow + seconds(10));
}

// --- after the view was lost

TEST_F(FoldTest, who_is_still_there_as_before_gets_a_mark_and_no_transition) {
  is_looking();
  was_online("anna/phone");
  const auto changes = fold({available("anna/phone", Show::kOnline, seconds(700))});
  EXPECT_THAT(changes.transitions, IsEmpty());
  EXPECT_THAT(changes.online,
              testing::ElementsAre(now_online("anna/phone", appearance(), ago(500), ago(900), true)));
}

TEST_F(FoldTest, who_is_there_in_another_way_has_changed_at_some_time_after_the_loss) {
  is_looking();
  was_online("anna/phone");
  const auto changes = fold({available("anna/phone", Show::kAway, seconds(400))});
  EXPECT_THAT(changes.transitions, testing::ElementsAre(Transition{101, ago(200), key("anna/phone"),
                                                                   appearance(Show::kAway), true}))
      << "not before the view was lost: then we would have seen it";
  EXPECT_THAT(changes.online, testing::ElementsAre(now_online("anna/phone", appearance(Show::kAway), ago(200),
                                                              ago(900), true)));
}

TEST_F(FoldTest, a_change_after_the_snapshot_has_named_it_is_certain_again) {
  is_looking();
  was_online("anna/phone");
  const auto changes =
      fold({available("anna/phone"), available("anna/phone", Show::kAway), unavailable("anna/phone")});
  EXPECT_FALSE(changes.transitions[0].uncertain);
  EXPECT_FALSE(changes.transitions[1].uncertain);
  EXPECT_TRUE(changes.sessions[0].uncertain) << "but not its continuity";
}

TEST_F(FoldTest, who_goes_before_the_snapshot_has_named_it_was_there_until_then_as_far_as_we_know) {
  is_looking();
  was_online("anna/phone");
  const auto changes = fold({unavailable("anna/phone", Ending::kLeft, seconds(1))});
  EXPECT_THAT(changes.sessions,
              testing::ElementsAre(Session{101, key("anna/phone"), ago(900), ago(1), Ending::kLeft, true}));
}

TEST_F(FoldTest, who_is_new_in_the_first_snapshot_began_when_its_presence_was_sent) {
  is_looking_for_the_first_time();
  const auto changes = fold({available("anna/phone", Show::kOnline, seconds(5'000))});
  EXPECT_THAT(changes.online,
              testing::ElementsAre(now_online("anna/phone", appearance(), ago(5'000), ago(5'000), false)));
}

TEST_F(FoldTest, who_is_new_in_the_first_snapshot_and_nobody_knows_since_when_is_uncertain) {
  is_looking_for_the_first_time();
  const auto changes = fold({available("anna/phone", Show::kOnline, std::nullopt)});
  EXPECT_THAT(changes.online, testing::ElementsAre(now_online("anna/phone", appearance(), kNow, kNow, true)));
}

TEST_F(FoldTest, who_is_new_in_a_later_snapshot_came_after_the_loss) {
  is_looking();
  const auto changes = fold({available("anna/phone", Show::kOnline, seconds(5'000)),
                             available("ben/desk", Show::kOnline, seconds(50))});
  EXPECT_THAT(changes.online,
              testing::ElementsAre(now_online("anna/phone", appearance(), ago(2'000), ago(2'000), true),
                                   now_online("ben/desk", appearance(), ago(50), ago(50), true)));
  EXPECT_TRUE(changes.transitions[0].uncertain);
}

TEST_F(FoldTest, who_came_and_went_before_the_snapshot_was_told_is_uncertain_although_it_was_seen) {
  is_looking();
  const auto changes = fold({snapshot_ended(seconds(60)), available("anna/phone", Show::kOnline, seconds(50)),
                             unavailable("anna/phone", Ending::kLeft, seconds(40)),
                             available("ben/desk", Show::kOnline, seconds(0))});
  EXPECT_THAT(changes.sessions,
              testing::ElementsAre(Session{102, key("anna/phone"), ago(50), ago(40), Ending::kLeft, true}))
      << "the coverage begins now";
  EXPECT_THAT(changes.online, testing::ElementsAre(now_online("ben/desk", appearance(), kNow, kNow, false)));
}

TEST_F(FoldTest, who_was_not_named_and_comes_has_a_session_unseen_and_a_new_one) {
  was_online("anna/phone");
  const auto changes = fold({available("anna/phone", Show::kAway)});
  EXPECT_THAT(changes.transitions,
              testing::ElementsAre(Transition{101, ago(200), key("anna/phone"), Ending::kUnseen, true},
                                   Transition{102, kNow, key("anna/phone"), appearance(Show::kAway), false}));
  EXPECT_THAT(changes.sessions, testing::ElementsAre(Session{101, key("anna/phone"), ago(900), ago(200),
                                                             Ending::kUnseen, true}));
  EXPECT_THAT(changes.online,
              testing::ElementsAre(now_online("anna/phone", appearance(Show::kAway), kNow, kNow, false)));
}

TEST_F(FoldTest, who_was_not_named_and_goes_was_gone) {
  was_online("anna/phone");
  const auto changes = fold({unavailable("anna/phone")});
  EXPECT_THAT(changes.sessions, testing::ElementsAre(Session{101, key("anna/phone"), ago(900), ago(200),
                                                             Ending::kUnseen, true}));
  EXPECT_THAT(changes.gone, testing::ElementsAre(key("anna/phone")));
}

TEST_F(FoldTest, who_was_confirmed_when_the_batch_began_is_not_after_a_loss_in_its_middle) {
  is_online("anna/phone");
  is_online("ben/desk");
  const auto changes = fold({view_lost("stream-lost", seconds(60)), snapshot_began(seconds(50)),
                             available("ben/desk", Show::kOnline, seconds(40)), snapshot_ended(seconds(30)),
                             available("anna/phone", Show::kAway, seconds(20))});
  EXPECT_THAT(
      changes.transitions,
      testing::ElementsAre(Transition{101, ago(60), key("anna/phone"), Ending::kUnseen, true},
                           Transition{102, ago(20), key("anna/phone"), appearance(Show::kAway), true}));
  EXPECT_THAT(
      changes.online,
      testing::ElementsAre(now_online("anna/phone", appearance(Show::kAway), ago(20), ago(20), true, {5, 12}),
                           now_online("ben/desk", appearance(), ago(500), ago(900), true, {5, 12})));
}

TEST_F(FoldTest, what_is_told_without_a_snapshot_is_kept_and_confirms_nothing) {
  is_looking();
  lease.snapshot = 0;
  was_online("anna/phone");
  was_online("ben/desk");
  const auto changes =
      fold({available("anna/phone", Show::kAway), available("carl/desk"), unavailable("ben/desk")});
  EXPECT_EQ(changes.online[0].mark, (Mark{4, 9}));
  EXPECT_EQ(changes.online[1].mark, (Mark{5, 0}));
  EXPECT_TRUE(changes.online[0].uncertain);
  EXPECT_TRUE(changes.sessions[0].uncertain);
}

}  // namespace
}  // namespace rostrum::presence
