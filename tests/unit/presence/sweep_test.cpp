// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/core/sweep.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"
#include "tests/support/presence/told.hpp"

namespace rostrum::presence {
namespace {

using namespace test;
using std::chrono::seconds;

constexpr auto kNow = rostrum::test::FakeClock::kStartWall;

WallTime ago(int s) {
  return kNow - seconds(s);
}

Known unseen(const std::string& name, std::optional<WallTime> covered_until) {
  return {key(name), Online{key(name), appearance(), ago(500), ago(900), false, {4, 9}}, covered_until, {}};
}

const Lease kLease{.epoch = 5, .snapshot = 2, .whole_since = ago(10), .swept = false, .last_change = 100};

TEST(Sweep, ends_the_sessions_of_the_unseen_when_they_were_last_known_to_be_there) {
  const auto changes = sweep(kLease, {unseen("anna/phone", ago(200)), unseen("ben/desk", ago(300))}, true);
  EXPECT_THAT(changes.transitions,
              testing::ElementsAre(Transition{101, ago(200), key("anna/phone"), Ending::kUnseen, true},
                                   Transition{102, ago(300), key("ben/desk"), Ending::kUnseen, true}));
  EXPECT_THAT(changes.sessions,
              testing::ElementsAre(Session{101, key("anna/phone"), ago(900), ago(200), Ending::kUnseen, true},
                                   Session{102, key("ben/desk"), ago(900), ago(300), Ending::kUnseen, true}));
  EXPECT_THAT(changes.seen, testing::ElementsAre(Seen{key("anna/phone").jid, ago(200), true},
                                                 Seen{key("ben/desk").jid, ago(300), true}));
  EXPECT_THAT(changes.gone, testing::ElementsAre(key("anna/phone"), key("ben/desk")));
  EXPECT_EQ(changes.to_offline, 2U);
  EXPECT_EQ(changes.lease.last_change, 102);
}

TEST(Sweep, ends_no_session_before_its_presence_was_last_heard) {
  EXPECT_EQ(sweep(kLease, {unseen("anna/phone", ago(700))}, true).sessions[0].ended_at, ago(500));
  EXPECT_EQ(sweep(kLease, {unseen("anna/phone", std::nullopt)}, true).sessions[0].ended_at, ago(500))
      << "named by a snapshot that never ended";
}

TEST(Sweep, is_done_with_the_last_page) {
  EXPECT_FALSE(sweep(kLease, {unseen("anna/phone", ago(200))}, false).lease.swept);
  EXPECT_TRUE(sweep(kLease, {}, true).lease.swept);
}

}  // namespace
}  // namespace rostrum::presence
