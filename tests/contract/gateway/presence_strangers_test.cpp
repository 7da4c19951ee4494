// SPDX-License-Identifier: GPL-3.0-or-later
// What strangers and hostile members say on a real Prosody changes nothing that it should not.
#include "tests/contract/gateway/presence_scene.hpp"

namespace rostrum::test {
namespace {

using gateway::Show;

class PresenceStrangersTest : public PresenceScene {
 protected:
  std::string to_site(const std::string& name, const std::string& attributes,
                      const std::string& content) const {
    return "<" + name + " to='" + lab.site + "' " + attributes + ">" + content + "</" + name + ">";
  }
  static std::string ignored(const std::string& reason) {
    return "rostrum_gateway_presence_ignored_total{reason=\"" + reason + "\"}";
  }
};

TEST_F(PresenceStrangersTest, presence_addressed_to_the_site_by_no_contact_changes_nothing) {
  starts_gateway();
  expect_online({});
  const auto eve = new_account();
  const auto client = logs_in(eve, "x");
  client->says(to_site("presence", "", "<show>chat</show>"));
  client->says(to_site("presence", "type='subscribe'", ""));
  client->is_heard();
  expect_nothing_changes({});
  if (by_roster()) EXPECT_TRUE(bench.counted(ignored("stranger")));
}

TEST_F(PresenceStrangersTest, a_member_cannot_speak_for_another_nor_for_the_server) {
  const auto anna = new_member();
  const auto ben = new_member();
  const auto phone = comes_online(anna, "phone");
  auto& gateway = starts_gateway();
  expect_online({{anna + "/phone", {}}});
  const auto mallory = logs_in(ben, "x");
  mallory->says(to_site("message", "type='headline'",
                        "<presences xmlns='urn:rostrum:presence:1' watch='w' number='1'><unavailable jid='" +
                            jid(anna) + "/phone' ending='left'/></presences>"));
  mallory->says(to_site("message", "type='headline'",
                        "<ended xmlns='urn:rostrum:presence:1' watch='w' reason='superseded'/>"));
  mallory->says(to_site("message", "type='chat'", "<body>hello</body>"));
  mallory->is_heard();
  expect_nothing_changes({{anna + "/phone", {}}});
  EXPECT_EQ(service.granted, 1);
  ASSERT_FALSE(gateway.messages.empty());
  EXPECT_NE(gateway.messages.back().find("hello"), std::string::npos);
  if (!by_roster()) EXPECT_TRUE(bench.counted(ignored("forged")));
}

TEST_F(PresenceStrangersTest, hostile_texts_are_carried_whole_or_cut_and_nothing_breaks) {
  const auto anna = new_member();
  const auto hostile = comes_online(anna, "phone",
                                    "<show>sleeping</show><priority>9999</priority><status>]]&gt; "
                                    "&lt;/presence&gt; '; DROP TABLE x; -- \xF0\x9F\x98\x80</status>");
  const auto huge = comes_online(anna, "desk", "<status>" + std::string(15'000, 'x') + "</status>");
  starts_gateway();
  const std::string text = "]]> </presence> '; DROP TABLE x; -- \xF0\x9F\x98\x80";
  ASSERT_TRUE(bench.serves_until([&] { return service.state.whole && service.state.online().size() == 2; }));
  const auto online = service.state.online();
  EXPECT_EQ(online.at(anna + "/phone").show, Show::kOnline);
  EXPECT_EQ(online.at(anna + "/phone").status, text);
  EXPECT_EQ(online.at(anna + "/desk").status, std::string(1'024, 'x'));
}

TEST_F(PresenceStrangersTest, a_delayed_copy_of_the_past_changes_nothing) {
  const auto anna = new_member();
  starts_gateway();
  expect_online({});
  const auto phone = comes_online(anna, "phone", "<status>now</status>");
  expect_online({{anna + "/phone", {Show::kOnline, 0, "now"}}});
  const auto stamp =
      "<delay xmlns='urn:xmpp:delay' from='" + lab.server.domain + "' stamp='2001-01-01T00:00:00Z'/>";
  phone->says(to_site("presence", "", "<status>long ago</status>" + stamp));
  phone->is_heard();
  expect_nothing_changes({{anna + "/phone", {Show::kOnline, 0, "now"}}});
  if (by_roster()) EXPECT_TRUE(bench.counted(ignored("delayed")));
}

TEST_F(PresenceStrangersTest, another_owners_watch_ends_ours) {
  if (by_roster()) GTEST_SKIP() << "nobody watches there";
  auto& gateway = starts_gateway();
  expect_online({});
  const auto localpart = lab.site.substr(0, lab.site.find('@'));
  RawClient other({lab.server.address, lab.server.domain, localpart, lab.site_password, "other"});
  other.says("<iq type='set' to='" + lab.server.domain +
             "' id='w'><watch xmlns='urn:rostrum:presence:1' epoch='1000000'/></iq>");
  other.hears("<watching");
  service.gives_lease_to_another();
  ASSERT_TRUE(bench.serves_until([&] { return gateway.health().find("standby") != std::string::npos; }));
  EXPECT_FALSE(bench.counted("rostrum_gateway_presence_owner"));
}

}  // namespace
}  // namespace rostrum::test
