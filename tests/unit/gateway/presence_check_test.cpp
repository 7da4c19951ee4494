// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/presence_check.hpp"

#include <gtest/gtest.h>

namespace rostrum::gateway {
namespace {

using namespace std::chrono_literals;

class PresenceCheckTest : public testing::Test {
 protected:
  Distrust refused(std::string_view full_jid) {
    const auto name = addresses.read(full_jid);
    EXPECT_FALSE(name.ok()) << full_jid;
    return name.ok() ? Distrust::kForged : name.error();
  }
  ResourceState reads(const ToldState& told) {
    distrusts.clear();
    return read_state(told, distrusts);
  }

  PresenceAddresses addresses{
      "example.org", {Jid::parse("site@example.org").value(), Jid::parse("rostrum@example.org").value()}};
  Distrusts distrusts;
};

TEST_F(PresenceCheckTest, believes_a_full_jid_of_the_domain) {
  const auto name = addresses.read("anna@example.org/phone").value();
  EXPECT_EQ(name.localpart(), "anna");
  EXPECT_EQ(name.resource(), "phone");
}

TEST_F(PresenceCheckTest, a_resource_may_have_slashes_spaces_and_any_script) {
  EXPECT_EQ(addresses.read("anna@example.org/a/b@c d").value().resource(), "a/b@c d");
  EXPECT_EQ(addresses.read("anna@example.org/Ω📱").value().resource(), "Ω📱");
}

TEST_F(PresenceCheckTest, does_not_believe_what_is_no_members_resource) {
  EXPECT_EQ(refused("anna@example.org"), Distrust::kNoResource);
  EXPECT_EQ(refused("anna@example.com/phone"), Distrust::kForeign);
  EXPECT_EQ(refused("anna@sub.example.org/phone"), Distrust::kForeign);
  EXPECT_EQ(refused("site@example.org/web"), Distrust::kReserved);
  EXPECT_EQ(refused("rostrum@example.org/door"), Distrust::kReserved);
}

TEST_F(PresenceCheckTest, does_not_believe_what_is_no_address_at_all) {
  for (const auto* address : {"", "/", "example.org", "example.org/phone", "@example.org/phone",
                              "anna@example.org/", "Anna@example.org/phone", "a b@example.org/phone",
                              "anna@example.org/a\nb", "anna@example.org/\xff", "anna@example.org/\xc2\x85"})
    EXPECT_EQ(refused(address), Distrust::kAddress) << address;
  EXPECT_EQ(refused("anna@example.org/" + std::string(1'024, 'x')), Distrust::kAddress);
  EXPECT_TRUE(addresses.read("anna@example.org/" + std::string(1'023, 'x')).ok());
}

TEST_F(PresenceCheckTest, reads_how_a_resource_is_there) {
  EXPECT_EQ(reads({"", "", ""}), (ResourceState{Show::kOnline, 0, ""}));
  EXPECT_EQ(reads({"chat", "127", "hello"}), (ResourceState{Show::kChat, 127, "hello"}));
  EXPECT_EQ(reads({"away", "-128", "two\nlines"}), (ResourceState{Show::kAway, -128, "two\nlines"}));
  EXPECT_EQ(reads({"xa", "+5", ""}), (ResourceState{Show::kXa, 5, ""}));
  EXPECT_EQ(reads({"dnd", "0", ""}), (ResourceState{Show::kDnd, 0, ""}));
  EXPECT_TRUE(distrusts.empty());
}

TEST_F(PresenceCheckTest, leaves_out_what_a_client_cannot_mean_and_says_so) {
  EXPECT_EQ(reads({"busy", "128", "bell \a"}), (ResourceState{Show::kOnline, 0, ""}));
  EXPECT_EQ(distrusts, (Distrusts{Distrust::kShow, Distrust::kPriority, Distrust::kStatus}));
  for (const auto* priority : {"x", "1x", " 1", "+-1", "+", "999999999999999999999"})
    EXPECT_EQ(reads({"", priority, ""}).priority, 0) << priority;
  EXPECT_EQ(reads({"", "", "cut \xf0\x9f"}).status, "");
}

TEST_F(PresenceCheckTest, cuts_a_status_at_the_end_of_a_character) {
  std::string status(1'022, 'x');
  EXPECT_EQ(reads({"", "", status + "éé"}).status, status + "é");
  EXPECT_EQ(reads({"", "", status + "😀"}).status, status);
  EXPECT_EQ(reads({"", "", std::string(100'000, 'x')}).status.size(), 1'024u);
  EXPECT_TRUE(distrusts.empty());
}

TEST_F(PresenceCheckTest, reads_an_age_in_whole_seconds) {
  EXPECT_EQ(read_age("0"), 0ms);
  EXPECT_EQ(read_age("90"), 90s);
  for (const auto* age : {"", "-1", "1.5", " 1", "1073741824", "99999999999999999999"})
    EXPECT_EQ(read_age(age), std::nullopt) << age;
}

}  // namespace
}  // namespace rostrum::gateway
