// SPDX-License-Identifier: GPL-3.0-or-later
// The gateway's streams against a real Prosody with our module.
#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

#include "services/gateway/adapters/inspector.hpp"
#include "tests/contract/gateway/lab.hpp"

namespace rostrum::test {
namespace {

using namespace std::chrono_literals;
using gateway::Ending;
using Action = gateway::DoorRequest::Action;

class ProsodyTest : public testing::Test {
 protected:
  Lab lab = Lab::from_environment();
  Bench bench{lab.server};

  gateway::SessionSettings site_session() {
    return bench.session("sender", lab.site, lab.site_password, true);
  }
  gateway::SessionSettings control_session() {
    return bench.session("door", lab.control, lab.control_password, false);
  }
  std::string member(const std::string& name) const { return name + "@" + lab.server.domain; }
  /// A name that no other test has used on this server.
  std::string fresh_name() { return "m" + bench.random.hex(6); }
  /// A member whose messages wait in the server's offline store.
  std::string make_member(DoorOnBench& control) {
    const auto jid = member(fresh_name());
    EXPECT_EQ(control.outcome(control.ask(Action::kCreate, jid, "c1")).condition, "created");
    return jid;
  }
};

TEST_F(ProsodyTest, confirms_messages_that_the_server_has) {
  DoorOnBench control(bench, control_session(), lab.site);
  ASSERT_TRUE(bench.serves_until([&] { return control.ready(); }));
  const auto anna = make_member(control);
  SenderOnBench site(bench, site_session());
  ASSERT_TRUE(bench.serves_until([&] { return site.session.online(); }));
  for (int i = 0; i < 500; ++i) site.send(anna);
  ASSERT_TRUE(bench.serves_until([&] { return site.outcomes.size() == 500; }));
  EXPECT_EQ(site.count(Ending::kDone), 500u);
}

TEST_F(ProsodyTest, confirms_by_ping_where_there_is_no_stream_management) {
  auto settings = site_session();
  settings.stream_management = false;
  SenderOnBench site(bench, std::move(settings));
  ASSERT_TRUE(bench.serves_until([&] { return site.session.online(); }));
  for (int i = 0; i < 300; ++i) site.send(lab.control);
  ASSERT_TRUE(bench.serves_until([&] { return site.outcomes.size() == 300; }));
  EXPECT_EQ(site.count(Ending::kDone), 300u);
}

TEST_F(ProsodyTest, a_message_to_nobody_comes_back_and_is_done_all_the_same) {
  SenderOnBench site(bench, site_session());
  ASSERT_TRUE(bench.serves_until([&] { return site.session.online(); }));
  const auto id = site.send(member("nobody-" + fresh_name()));
  ASSERT_TRUE(bench.serves_until([&] { return site.outcomes.contains(id) && !site.messages.empty(); }));
  EXPECT_EQ(site.outcomes.at(id).ending, Ending::kDone);
  EXPECT_NE(site.messages[0].find(id.to_string()), std::string::npos);
  EXPECT_NE(site.messages[0].find("service-unavailable"), std::string::npos);
}

TEST_F(ProsodyTest, hostile_text_arrives_whole) {
  SenderOnBench site(bench, site_session());
  ASSERT_TRUE(bench.serves_until([&] { return site.session.online(); }));
  site.send(member("nobody-" + fresh_name()),
            "]]> </body></message><message to='x'/> & \xF0\x9F\x98\x80 \t\n");
  ASSERT_TRUE(bench.serves_until([&] { return site.messages.size() == 1; }));
  EXPECT_EQ(site.count(Ending::kDone), 1u);
}

TEST_F(ProsodyTest, accounts_are_made_changed_and_removed_at_the_door) {
  DoorOnBench control(bench, control_session(), lab.site);
  ASSERT_TRUE(bench.serves_until([&] { return control.ready(); }));
  const auto anna = member(fresh_name());
  EXPECT_EQ(control.outcome(control.ask(Action::kCreate, anna, "c1")).condition, "created");
  EXPECT_EQ(control.outcome(control.ask(Action::kCreate, anna, "c1")).condition, "already-ours");
  const auto foreign = control.outcome(control.ask(Action::kCreate, anna, "c2"));
  EXPECT_EQ(foreign.ending, Ending::kFailed);
  EXPECT_EQ(foreign.condition, "conflict");
  EXPECT_EQ(control.outcome(control.ask(Action::kSetPassword, anna, "c1")).condition, "password-set");
  EXPECT_EQ(control.outcome(control.ask(Action::kRemove, anna, "c1")).condition, "removed");
  EXPECT_EQ(control.outcome(control.ask(Action::kRemove, anna, "c1")).condition, "absent");
  EXPECT_EQ(control.outcome(control.ask(Action::kSetPassword, anna, "c1")).condition, "item-not-found");
  EXPECT_EQ(control.outcome(control.ask(Action::kCreate, lab.site, "c3")).condition, "not-allowed");
}

TEST_F(ProsodyTest, the_door_stays_shut_to_others) {
  DoorOnBench stranger(bench, bench.session("door", lab.site, lab.site_password, false), lab.site);
  ASSERT_TRUE(bench.serves_until([&] { return stranger.door.online(); }));
  EXPECT_FALSE(bench.serves_until([&] { return stranger.ready(); }, 500ms));
  EXPECT_EQ(stranger.outcome(stranger.ask(Action::kCreate, member("eve"), "c1")).condition, "door-unfit");
}

TEST_F(ProsodyTest, wrong_password_is_told_and_not_hammered) {
  SenderOnBench site(bench, bench.session("sender", lab.site, "wrong", true));
  EXPECT_TRUE(bench.serves_until(
      [&] { return bench.counted("rostrum_gateway_stream_losses_total{reason=\"not-authentic\""); }));
  EXPECT_FALSE(bench.serves_until([&] { return site.session.online(); }, 1s));
  EXPECT_NE(bench.registry.exposition().find("reason=\"not-authentic\",session=\"sender\"} 1\n"),
            std::string::npos);
}

TEST_F(ProsodyTest, inspection_finds_a_tuned_server_good) {
  SenderOnBench site(bench, site_session());
  DoorOnBench control(bench, control_session(), lab.site);
  gateway::Inspector inspector(
      bench.tools(), {*bus::HostAndPort::parse(lab.server.address), lab.server.domain, {65'536, true}},
      site.session, control.door);
  ASSERT_TRUE(bench.serves_until([&] { return site.session.online() && control.ready(); }));
  gateway::Findings findings;
  inspector.inspect([&](const gateway::Findings& found) { findings = found; });
  ASSERT_TRUE(bench.serves_until([&] { return !findings.empty(); }));
  for (const auto& finding : findings) EXPECT_TRUE(finding.good) << finding.name << ": " << finding.detail;
  EXPECT_EQ(findings.size(), 8u);
}

TEST_F(ProsodyTest, comes_back_after_the_server_was_restarted) {
  SenderOnBench site(bench, site_session());
  DoorOnBench control(bench, control_session(), lab.site);
  ASSERT_TRUE(bench.serves_until([&] { return site.session.online() && control.ready(); }));
  lab.does("prosody restart");
  ASSERT_TRUE(bench.serves_until([&] { return bench.counted("rostrum_gateway_stream_losses_total"); }));
  ASSERT_TRUE(bench.serves_until([&] { return site.session.online() && control.ready(); }));
  const auto id = site.send(lab.control);
  ASSERT_TRUE(bench.serves_until([&] { return site.outcomes.contains(id); }));
  EXPECT_EQ(site.outcomes.at(id).ending, Ending::kDone);
}

TEST_F(ProsodyTest, a_server_killed_in_the_middle_leaves_unknown_and_never_a_wrong_done) {
  DoorOnBench control(bench, control_session(), lab.site);
  ASSERT_TRUE(bench.serves_until([&] { return control.ready(); }));
  const auto anna = make_member(control);
  SenderOnBench site(bench, site_session());
  ASSERT_TRUE(bench.serves_until([&] { return site.session.online(); }));
  constexpr std::size_t kMessages = 3'000;
  for (std::size_t i = 0; i < kMessages; ++i) site.send(anna, "hello", 30s);
  ASSERT_TRUE(bench.serves_until([&] { return site.count(Ending::kDone) > 100; }));
  std::thread killer([this] {
    lab.does("prosody kill9");
    lab.does("prosody start");
  });
  const bool ended = bench.serves_until([&] { return site.outcomes.size() == kMessages; });
  killer.join();
  ASSERT_TRUE(ended);
  EXPECT_GT(site.count(Ending::kUnknown), 0u);
  EXPECT_EQ(site.count(Ending::kDone) + site.count(Ending::kUnknown) + site.count(Ending::kRetry), kMessages);
  ASSERT_TRUE(bench.serves_until([&] { return site.session.online(); }));
}

}  // namespace
}  // namespace rostrum::test
