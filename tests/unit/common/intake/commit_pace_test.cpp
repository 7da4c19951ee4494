// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/intake/commit_pace.hpp"

#include <gtest/gtest.h>

namespace rostrum::intake {
namespace {

using bus::Load;
using std::chrono::milliseconds;

class Pace : public testing::Test {
 protected:
  static constexpr Load kBudget{16'384, 64'000'000};
  static constexpr Load kBatch{1'024, 4'000'000};
  static constexpr Load kFloor{256, 1'000'000};
  static constexpr bool kMoreWaited = true;

  /// Events of 1,000 bytes.
  void commits(std::uint64_t events, milliseconds took, bool more_waited, int times = 1) {
    for (int i = 0; i < times; ++i) pace_.committed({events, events * 1'000}, took, more_waited);
  }

  CommitPace pace_{{.budget = kBudget, .batch = kBatch, .floor = kFloor}};
};

TEST_F(Pace, gives_the_whole_budget_before_anything_is_known) {
  EXPECT_EQ(pace_.window(), kBudget);
}

TEST_F(Pace, does_not_throttle_a_healthy_database_whether_its_commits_are_full_or_not) {
  for (int round = 0; round < 100; ++round) {
    commits(1, milliseconds{4}, !kMoreWaited);
    commits(40, milliseconds{6}, kMoreWaited);
    commits(1'024, milliseconds{30}, kMoreWaited);
    EXPECT_EQ(pace_.window(), kBudget);
  }
}

TEST_F(Pace, keeps_what_waits_below_what_is_committed_within_the_target_time) {
  commits(1'024, milliseconds{512}, kMoreWaited, 20);
  EXPECT_NEAR(static_cast<double>(pace_.window().items), 2'000, 10);
  EXPECT_EQ(pace_.window().bytes, kBudget.bytes) << "what it does with large events is not known";
}

TEST_F(Pace, knows_after_one_commit_that_takes_longer_than_the_target) {
  commits(1'024, milliseconds{2'000}, kMoreWaited);
  EXPECT_EQ(pace_.window().items, 512U);
  commits(1, milliseconds{5'000}, !kMoreWaited);
  EXPECT_EQ(pace_.window(), kFloor) << "never less";
}

TEST_F(Pace, a_hiccup_costs_no_more_than_it_lasted) {
  commits(1'024, milliseconds{300}, kMoreWaited);
  EXPECT_GT(pace_.window().items, kBudget.items / 2);
}

TEST_F(Pace, is_wide_again_as_soon_as_the_database_is_quick_again) {
  commits(100, milliseconds{3'000}, kMoreWaited, 5);
  EXPECT_EQ(pace_.window().items, kFloor.items);
  // With so little credit no batch is full; the commits are quick.
  for (int i = 0; i < 10; ++i) commits(pace_.window().items / 2, milliseconds{10}, kMoreWaited);
  EXPECT_EQ(pace_.window().items, kBudget.items);
}

TEST_F(Pace, comes_down_in_steps_when_the_database_grows_slower_and_slower) {
  std::uint64_t before = kBudget.items;
  for (int ms = 100; ms <= 900; ms += 100) {
    commits(1'024, milliseconds{ms}, kMoreWaited, 10);
    EXPECT_LE(pace_.window().items, before);
    before = pace_.window().items;
  }
  EXPECT_NEAR(static_cast<double>(before), 1'024 / 0.9, 20);
}

}  // namespace
}  // namespace rostrum::intake
