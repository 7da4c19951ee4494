// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/presence_table.hpp"

#include <gtest/gtest.h>

namespace rostrum::gateway {
namespace {

using namespace std::chrono_literals;
using Came = PresenceTable::Came;

class PresenceTableTest : public testing::Test {
 protected:
  static ResourceName name(std::string_view text) {
    const auto slash = text.find('/');
    return {text.substr(0, slash), text.substr(slash + 1)};
  }
  Came comes(std::string_view who, const ResourceState& state = {}, Milliseconds at = 0ms) {
    return table.came(name(who), state, MonoTime{at});
  }

  PresenceTable table{4};
};

TEST_F(PresenceTableTest, keeps_since_when_a_resource_is_as_it_is) {
  EXPECT_EQ(comes("anna/phone", {.show = Show::kAway}, 1s), Came::kNew);
  EXPECT_EQ(comes("anna/phone", {.show = Show::kAway}, 2s), Came::kSame);
  EXPECT_EQ(table.find(name("anna/phone"))->since, MonoTime{1s});
  EXPECT_EQ(comes("anna/phone", {.show = Show::kAway, .status = "lunch"}, 3s), Came::kChanged);
  EXPECT_EQ(table.find(name("anna/phone"))->since, MonoTime{3s});
}

TEST_F(PresenceTableTest, knows_several_resources_of_a_member_apart) {
  comes("anna/phone");
  comes("anna/phone/2", {.priority = 5});
  EXPECT_TRUE(table.went(name("anna/phone")));
  EXPECT_FALSE(table.went(name("anna/phone")));
  EXPECT_EQ(table.find(name("anna/phone/2"))->priority, 5);
}

TEST_F(PresenceTableTest, forgets_what_was_not_named) {
  comes("anna/phone");
  comes("ben/desk");
  table.begin_naming();
  comes("anna/phone");
  comes("carla/web");
  EXPECT_EQ(table.end_naming(), 1u);
  EXPECT_EQ(table.find(name("ben/desk")), nullptr);
  EXPECT_EQ(table.size(), 2u);
}

TEST_F(PresenceTableTest, finds_the_resources_of_one_member_only) {
  comes("anna/phone");
  comes("anna/desk");
  comes("anna-maria/phone");
  EXPECT_EQ(table.resources_of("anna"), (std::vector{name("anna/desk"), name("anna/phone")}));
  EXPECT_TRUE(table.resources_of("ann").empty());
}

TEST_F(PresenceTableTest, is_read_in_the_order_of_names_while_it_changes) {
  comes("anna/a");
  comes("carla/c");
  const auto* first = table.next_after(std::nullopt);
  ASSERT_NE(first, nullptr);
  const auto at = first->first;
  EXPECT_TRUE(table.went(at));
  comes("ben/b");
  EXPECT_EQ(table.next_after(at)->first, name("ben/b"));
  EXPECT_EQ(table.next_after(name("carla/c")), nullptr);
}

TEST_F(PresenceTableTest, holds_no_more_than_its_share) {
  for (const auto* who : {"a/1", "a/2", "a/3", "a/4"}) EXPECT_EQ(comes(who), Came::kNew);
  EXPECT_EQ(comes("a/5"), Came::kFull);
  EXPECT_EQ(comes("a/4", {.priority = 1}), Came::kChanged);
  EXPECT_EQ(table.size(), 4u);
}

}  // namespace
}  // namespace rostrum::gateway
