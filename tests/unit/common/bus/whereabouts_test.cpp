// SPDX-License-Identifier: Apache-2.0
#include "common/bus/whereabouts.hpp"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

namespace rostrum::bus::test {
namespace {

using Addresses = std::vector<std::string>;

TEST(Whereabouts, come_in_the_order_of_their_endpoints_and_each_once) {
  Whereabouts where(3, 1);
  where.found(2, {"c"});
  where.found(0, {"a"});
  where.found(1, {"a"});
  EXPECT_EQ(where.addresses(), (Addresses{"a", "c"}));
}

TEST(Whereabouts, of_one_name_come_in_an_order_that_each_link_has_of_its_own_and_keeps) {
  std::set<std::string> firsts;
  for (std::uint64_t salt = 0; salt < 100; ++salt) {
    Whereabouts where(1, salt);
    where.found(0, {"a", "b", "c"});
    const auto before = where.addresses();
    firsts.insert(before.front());
    where.found(0, {"c", "b", "a"});
    EXPECT_EQ(where.addresses(), before) << "in whatever order the name server tells them";
    where.found(0, {"c", "d", "a"});
    auto after = where.addresses();
    std::erase(after, "d");
    auto rest = before;
    std::erase(rest, "b");
    EXPECT_EQ(after, rest);
  }
  EXPECT_EQ(firsts.size(), 3U) << "a crowd spreads";
}

TEST(Whereabouts, have_a_limit) {
  Whereabouts where(1, 1);
  Addresses many;
  for (int i = 0; i < 1'000; ++i) many.push_back(std::to_string(i));
  where.found(0, many);
  EXPECT_EQ(where.addresses().size(), Whereabouts::kMostAddresses);
}

}  // namespace
}  // namespace rostrum::bus::test
