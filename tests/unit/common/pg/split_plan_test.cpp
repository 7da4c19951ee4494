// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/pg/split_plan.hpp"

#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace rostrum::pg {
namespace {

/// Plays a batch in which the database refuses every part that holds a culprit; returns the order in which
/// events ended.
struct Played {
  std::vector<std::size_t> order;
  std::set<std::size_t> given_up;
  int transactions = 0;
};
Played play(std::size_t size, const std::set<std::size_t>& culprits, std::size_t ways = 2) {
  Played played;
  SplitPlan plan(size);
  while (const auto part = plan.next()) {
    ++played.transactions;
    const auto culprit = culprits.lower_bound(part->begin);
    const bool refused = culprit != culprits.end() && *culprit < part->end;
    if (refused && plan.split(ways)) continue;
    if (refused) played.given_up.insert(part->begin);
    for (auto i = part->begin; i < part->end; ++i) played.order.push_back(i);
    plan.done();
  }
  return played;
}

std::vector<std::size_t> first(std::size_t count) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < count; ++i) numbers.push_back(i);
  return numbers;
}

TEST(SplitPlan, commits_a_good_batch_in_one_transaction) {
  EXPECT_EQ(play(1'000, {}).transactions, 1);
}

TEST(SplitPlan, has_nothing_to_do_for_nothing) {
  EXPECT_EQ(play(0, {}).transactions, 0);
}

TEST(SplitPlan, gives_up_only_the_culprit_wherever_it_stands_and_keeps_the_order) {
  for (std::size_t culprit = 0; culprit < 33; ++culprit) {
    const auto played = play(33, {culprit});
    EXPECT_EQ(played.given_up, std::set{culprit});
    EXPECT_EQ(played.order, first(33));
  }
}

TEST(SplitPlan, splits_into_more_parts_where_each_step_costs_much) {
  for (std::size_t culprit = 0; culprit < 33; ++culprit) {
    const auto played = play(33, {culprit}, 16);
    EXPECT_EQ(played.given_up, std::set{culprit});
    EXPECT_EQ(played.order, first(33));
  }
  SplitPlan plan(1'024);
  int refusals = 0;
  while (plan.split(16)) ++refusals;
  EXPECT_EQ(refusals, 3);
}

TEST(SplitPlan, finds_several_culprits) {
  EXPECT_EQ(play(100, {0, 1, 57, 99}).given_up, (std::set<std::size_t>{0, 1, 57, 99}));
  EXPECT_EQ(play(3, {0, 1, 2}).given_up, (std::set<std::size_t>{0, 1, 2}));
}

TEST(SplitPlan, finds_one_culprit_among_a_thousand_in_about_twenty_transactions) {
  EXPECT_LE(play(1'024, {700}).transactions, 21);
}

}  // namespace
}  // namespace rostrum::pg
