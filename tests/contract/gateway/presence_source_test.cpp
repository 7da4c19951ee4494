// SPDX-License-Identifier: GPL-3.0-or-later
// Who is online, seen on a real Prosody and told to a presence service; the same for both sources.
#include "tests/contract/gateway/presence_scene.hpp"

namespace rostrum::test {
namespace {

using namespace std::chrono_literals;
using gateway::Departure;
using gateway::Show;

class PresenceSourceTest : public PresenceScene {};

TEST_F(PresenceSourceTest, everybody_who_was_online_before_is_told) {
  const auto anna = new_member();
  const auto ben = new_member();
  const auto phone =
      comes_online(anna, "phone", "<show>away</show><priority>5</priority><status>lunch</status>");
  const auto desk = comes_online(anna, "desk/2", "<priority>-3</priority>");
  const auto web = comes_online(ben, "web", "<show>dnd</show>");
  const auto hidden = logs_in(ben, "hidden");
  auto& gateway = starts_gateway();
  expect_online({{anna + "/phone", {Show::kAway, 5, "lunch"}},
                 {anna + "/desk/2", {Show::kOnline, -3, ""}},
                 {ben + "/web", {Show::kDnd, 0, ""}}});
  EXPECT_TRUE(gateway.well()) << gateway.health();
  EXPECT_TRUE(bench.counted("rostrum_gateway_presence_whole"));
}

TEST_F(PresenceSourceTest, changes_are_told_as_they_happen) {
  const auto anna = new_member();
  starts_gateway();
  expect_online({});
  const auto phone = comes_online(anna, "phone");
  expect_online({{anna + "/phone", {}}});
  phone->says("<presence><show>xa</show><status>gone fishing</status></presence>");
  expect_online({{anna + "/phone", {Show::kXa, 0, "gone fishing"}}});
  const auto desk = comes_online(anna, "desk", "<show>chat</show>");
  expect_online({{anna + "/phone", {Show::kXa, 0, "gone fishing"}}, {anna + "/desk", {Show::kChat, 0, ""}}});
  phone->says("<presence type='unavailable'/>");
  expect_online({{anna + "/desk", {Show::kChat, 0, ""}}});
  desk->vanishes();
  expect_online({});
  EXPECT_EQ(service.state.endings.at(anna + "/phone"), Departure::kLeft);
  EXPECT_EQ(service.state.endings.at(anna + "/desk"), Departure::kDropped);
}

TEST_F(PresenceSourceTest, a_member_who_registers_now_is_seen_without_a_restart) {
  starts_gateway();
  expect_online({});
  const auto carla = new_member();
  const auto phone = comes_online(carla, "phone");
  expect_online({{carla + "/phone", {}}});
}

TEST_F(PresenceSourceTest, our_own_accounts_are_no_members) {
  if (by_roster()) GTEST_SKIP() << "the control account is no contact of the site there";
  starts_gateway();
  expect_online({});
  const auto localpart = [](const std::string& jid) { return jid.substr(0, jid.find('@')); };
  for (const auto& [account, password] :
       {std::pair(lab.site, lab.site_password), {lab.control, lab.control_password}}) {
    RawClient client({lab.server.address, lab.server.domain, localpart(account), password, "web"});
    client.says("<presence/>");
    client.is_heard();
    expect_nothing_changes({});
  }
}

TEST_F(PresenceSourceTest, members_see_the_site_while_a_gateway_owns_the_domain) {
  const auto anna = new_member();
  const auto phone = comes_online(anna, "phone");
  auto& gateway = starts_gateway();
  expect_online({{anna + "/phone", {}}});
  sees_site_come(*phone);
  gateway.link.stop();
  ASSERT_TRUE(bench.serves_until([&] { return service.released == 1 && gateway.link.at_rest(); }));
  EXPECT_EQ(service.state.lost_because, "stopping");
  sees_site_go(*phone);
}

TEST_F(PresenceSourceTest, a_restart_of_the_server_is_a_gap_and_then_all_is_right_again) {
  const auto anna = new_member();
  const auto ben = new_member();
  auto phone = comes_online(anna, "phone");
  const auto desk = comes_online(ben, "desk");
  auto& gateway = starts_gateway();
  expect_online({{anna + "/phone", {}}, {ben + "/desk", {}}});
  for (const auto* how : {"prosody restart", "prosody kill9"}) {
    lab.does(how);
    EXPECT_TRUE(bench.serves_until([&] { return !service.state.whole; })) << how;
    EXPECT_FALSE(gateway.well());
    if (std::string_view(how) == "prosody kill9") lab.does("prosody start");
    phone = comes_online(anna, "phone", "<status>back</status>");
    expect_online({{anna + "/phone", {Show::kOnline, 0, "back"}}});
  }
  EXPECT_EQ(service.granted, 1);
}

TEST_F(PresenceSourceTest, a_lost_presence_service_is_nothing_to_members_and_loses_nothing) {
  const auto anna = new_member();
  const auto ben = new_member();
  const auto phone = comes_online(anna, "phone");
  auto& gateway = starts_gateway();
  expect_online({{anna + "/phone", {}}});
  sees_site_come(*phone);
  const auto heard_before = phone->transcript().size();
  service.dies();
  ASSERT_TRUE(
      bench.serves_until([&] { return gateway.health().find("not connected") != std::string::npos; }));
  const auto desk = comes_online(ben, "desk");
  phone->says("<presence><show>dnd</show></presence>");
  ASSERT_TRUE(bench.serves_until([&] { return bench.counted("rostrum_gateway_presence_pending"); }));
  service.comes_back();
  expect_online({{anna + "/phone", {Show::kDnd, 0, ""}}, {ben + "/desk", {}}});
  EXPECT_EQ(service.granted, 1) << "the same period of ownership";
  EXPECT_EQ(service.state.story.find("lost"), std::string::npos);
  phone->is_heard();
  const auto heard = phone->transcript().substr(heard_before);
  EXPECT_EQ(heard.find("unavailable"), std::string::npos) << heard;
}

TEST_F(PresenceSourceTest, another_gateway_takes_over_from_a_dead_one) {
  const auto anna = new_member();
  const auto phone = comes_online(anna, "phone");
  starts_gateway();
  expect_online({{anna + "/phone", {}}});
  auto& second = starts_gateway();
  ASSERT_TRUE(bench.serves_until([&] { return second.health().find("standby") != std::string::npos; }));
  EXPECT_TRUE(second.health().starts_with("presence: good (standby: another owns it)")) << second.health();
  gateways.front().reset();
  ASSERT_TRUE(bench.serves_until([&] {
    return service.granted == 2 && service.knows({{anna + "/phone", {}}});
  }));
  EXPECT_TRUE(bench.serves_until([&] { return second.well(); }));
}

TEST_F(PresenceSourceTest, another_gateway_takes_over_at_once_from_one_that_stops) {
  service.valid = 60s;
  const auto anna = new_member();
  const auto phone = comes_online(anna, "phone");
  auto& first = starts_gateway();
  expect_online({{anna + "/phone", {}}});
  auto& second = starts_gateway();
  ASSERT_TRUE(bench.serves_until([&] { return second.health().find("standby") != std::string::npos; }));
  const auto before = bench.clock.mono();
  first.link.stop();
  ASSERT_TRUE(bench.serves_until([&] { return second.well(); }));
  EXPECT_LT(bench.clock.mono() - before, 10s);
  expect_online({{anna + "/phone", {}}});
}

TEST_F(PresenceSourceTest, who_is_refused_ends_its_session) {
  const auto anna = new_member();
  const auto phone = comes_online(anna, "phone");
  auto& gateway = starts_gateway();
  expect_online({{anna + "/phone", {}}});
  service.gives_lease_to_another();
  ASSERT_TRUE(bench.serves_until([&] { return gateway.health().find("standby") != std::string::npos; }));
  EXPECT_FALSE(bench.counted("rostrum_gateway_presence_owner"));
  ASSERT_TRUE(bench.serves_until(
      [&] { return !bench.counted("rostrum_gateway_stream_online{session=\"presence\"}"); }));
  sees_site_come(*phone);
  sees_site_go(*phone);
}

}  // namespace
}  // namespace rostrum::test
