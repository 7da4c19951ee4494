// SPDX-License-Identifier: Apache-2.0
#include "common/bus/connection_table.hpp"

#include <set>

#include <gtest/gtest.h>

#include "common/base/random.hpp"

namespace rostrum::bus::test {
namespace {

using Cut = ConnectionTable::Cut;

TEST(ConnectionTable, shuts_down_the_oldest_silent_one_when_there_are_too_many) {
  ConnectionTable table({.silent = 2, .total = 10});
  EXPECT_FALSE(table.accepted(11));
  EXPECT_FALSE(table.accepted(12));
  const auto order = table.accepted(13);
  ASSERT_TRUE(order);
  EXPECT_EQ(order->descriptor, 11);
  EXPECT_EQ(order->why, Cut::kSilent);
  EXPECT_EQ(table.silent(), 2U);
  EXPECT_EQ(table.size(), 2U) << "who has been told to go does not count";
  table.closed(11);
  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(table.accepted(11)->descriptor, 12) << "the same number again is somebody else";
}

TEST(ConnectionTable, never_shuts_down_who_has_spoken_for_strangers) {
  ConnectionTable table({.silent = 2, .total = 10});
  EXPECT_FALSE(table.accepted(11));
  EXPECT_TRUE(table.spoke(11, "r1"));
  for (int stranger = 12; stranger < 40; ++stranger) {
    const auto order = table.accepted(stranger);
    EXPECT_TRUE(!order || order->descriptor != 11);
    if (order) table.closed(order->descriptor);
  }
  EXPECT_EQ(table.size(), 3U);
  EXPECT_EQ(table.silent(), 2U);
}

TEST(ConnectionTable, shuts_down_newcomers_when_there_are_too_many_in_all) {
  ConnectionTable table({.silent = 5, .total = 3});
  for (int peer = 1; peer <= 3; ++peer) {
    EXPECT_FALSE(table.accepted(peer));
    EXPECT_TRUE(table.spoke(peer, std::to_string(peer)));
  }
  const auto order = table.accepted(4);
  ASSERT_TRUE(order);
  EXPECT_EQ(order->descriptor, 4);
  EXPECT_EQ(order->why, Cut::kExcess);
  table.closed(2);
  EXPECT_FALSE(table.accepted(5));
}

TEST(ConnectionTable, does_not_take_a_number_that_came_back_for_the_same_connection) {
  ConnectionTable table({.silent = 5, .total = 10});
  EXPECT_FALSE(table.spoke(11, "r1")) << "not known yet";
  EXPECT_FALSE(table.accepted(11));
  EXPECT_TRUE(table.spoke(11, "r1"));
  EXPECT_FALSE(table.spoke(11, "r2")) << "its end has not been told yet";
  table.closed(11);
  EXPECT_FALSE(table.accepted(11));
  EXPECT_TRUE(table.spoke(11, "r2"));
  EXPECT_FALSE(table.cut("r1", Cut::kRevoked));
  EXPECT_EQ(table.cut("r2", Cut::kRevoked)->why, Cut::kRevoked);
  EXPECT_FALSE(table.cut("r2", Cut::kRevoked)) << "once";
}

TEST(ConnectionTable, counts_right_whatever_happens) {
  constexpr std::uint64_t kSeed = 20'261'126;
  SCOPED_TRACE(kSeed);
  SeededRandom random(kSeed);
  ConnectionTable table({.silent = 8, .total = 20});
  std::set<int> open;
  std::set<int> told;
  const auto obey = [&](const std::optional<ConnectionTable::Order>& order) {
    if (order) EXPECT_TRUE(told.insert(order->descriptor).second) << "told once";
  };
  for (int step = 0; step < 50'000; ++step) {
    const int descriptor = static_cast<int>(random.below(40));
    switch (random.below(4)) {
      case 0:
        if (open.insert(descriptor).second) obey(table.accepted(descriptor));
        break;
      case 1:
        static_cast<void>(table.spoke(descriptor, "r" + std::to_string(descriptor)));
        break;
      case 2:
        obey(table.cut("r" + std::to_string(descriptor), Cut::kRevoked));
        break;
      default:
        table.closed(descriptor);
        open.erase(descriptor);
        told.erase(descriptor);
    }
    ASSERT_EQ(table.size(), open.size() - told.size());
    ASSERT_LE(table.silent(), 8U);
    ASSERT_LE(table.size(), 20U);
  }
}

}  // namespace
}  // namespace rostrum::bus::test
