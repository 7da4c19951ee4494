// SPDX-License-Identifier: Apache-2.0
#include "common/bus/pool_core.hpp"

#include <set>

#include <gtest/gtest.h>

namespace rostrum::bus::test {
namespace {

using Addresses = std::vector<std::string>;
using Members = std::vector<PoolCore::Index>;

class PoolCoreTest : public testing::Test {
 protected:
  /// As the command client does: a connection to each that is missing.
  Addresses names(Addresses addresses) {
    pool_.named(std::move(addresses));
    auto missing = pool_.missing();
    for (const auto& address : missing) pool_.joined(next_++, address);
    return missing;
  }
  Members leaves(const std::set<PoolCore::Index>& needed) {
    auto surplus = pool_.surplus([&](PoolCore::Index member) { return needed.contains(member); });
    for (const auto member : surplus) pool_.left(member);
    return surplus;
  }
  PoolCore pool_;
  PoolCore::Index next_ = 0;
};

TEST_F(PoolCoreTest, has_a_connection_for_each_address) {
  EXPECT_EQ(names({"a", "b"}), (Addresses{"a", "b"}));
  EXPECT_EQ(names({"b", "c", "a"}), Addresses{"c"});
  EXPECT_EQ(leaves({}), Members{}) << "whether connected or not: they are named";
}

TEST_F(PoolCoreTest, keeps_what_is_not_named_any_more_while_it_is_needed) {
  names({"a", "b"});
  names({"b"});
  EXPECT_EQ(leaves({0, 1}), Members{});
  EXPECT_EQ(leaves({1}), Members{0});
  EXPECT_EQ(leaves({1}), Members{}) << "only once";
}

TEST_F(PoolCoreTest, keeps_the_connection_of_an_address_that_is_named_again) {
  names({"a"});
  names({"b"});
  EXPECT_EQ(names({"a", "b"}), Addresses{});
  EXPECT_EQ(leaves({}), Members{});
}

TEST_F(PoolCoreTest, connects_anew_to_an_address_that_comes_back_after_it_was_dropped) {
  names({"a", "b"});
  names({"b"});
  EXPECT_EQ(leaves({}), Members{0});
  EXPECT_EQ(names({"a", "b"}), Addresses{"a"});
}

}  // namespace
}  // namespace rostrum::bus::test
