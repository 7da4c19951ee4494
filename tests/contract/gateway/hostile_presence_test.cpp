// SPDX-License-Identifier: GPL-3.0-or-later
// Servers that watch presence badly, or not at all.
#include <gtest/gtest.h>

#include "tests/contract/gateway/hostile_server.hpp"
#include "tests/contract/gateway/presence_on_bench.hpp"

namespace rostrum::test {
namespace {

using namespace std::chrono_literals;

/// The server's half of the watch.
class WatchedServer {
 public:
  explicit WatchedServer(Conversation& with) : with_(with) { with.logs_in(good_certificate(), "secret"); }

  void grants(const std::string& name) {
    says_answer("result", "<watching xmlns='urn:rostrum:presence:1' watch='" + name + "'/>");
  }
  void refuses(const std::string& condition) {
    says_answer("error", "<error type='cancel'><" + condition +
                             " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>");
  }
  void tells(const std::string& name, const std::string& number, const std::string& who,
             const std::string& from = "example.org") {
    with_.says("<message from='" + from +
               "' type='headline'><presences xmlns='urn:rostrum:presence:1' watch='" + name + "' number='" +
               number + "'><available jid='" + who + "@example.org/x'/></presences></message>");
  }
  void ends_snapshot(const std::string& name, const std::string& number) {
    with_.says(
        "<message from='example.org' type='headline'><snapshot-end xmlns='urn:rostrum:presence:1' watch='" +
        name + "' number='" + number + "'/></message>");
  }
  void waits() { with_.waits(); }

 private:
  void says_answer(const std::string& type, const std::string& content) {
    const auto iq = with_.hears_tag("iq");
    with_.hears("</iq>");
    with_.says("<iq type='" + type + "' from='example.org' id='" + attribute_of(iq, "id") + "'>" + content +
               "</iq>");
  }
  Conversation& with_;
};

class HostilePresence : public testing::Test {
 protected:
  void server_does(ScriptedServer::Script script) {
    hostile = std::make_unique<HostileServer>(std::move(script));
    service = std::make_unique<ScriptedPresence>(hostile->bench, key.public_key);
    gateway = std::make_unique<PresenceOnBench>(
        hostile->bench, SiteAccounts{"site@example.org", "secret", "rostrum@example.org"},
        gateway::PresenceSourceKind::kModule, service->settings(key));
  }
  void expect_online(const std::string& name) {
    EXPECT_TRUE(hostile->bench.serves_until([&] {
      return service->knows({{name + "/x", {}}});
    })) << service->state.story;
  }
  bool ignored(const std::string& reason) {
    return hostile->bench.counted("rostrum_gateway_presence_ignored_total{reason=\"" + reason + "\"}");
  }

  std::atomic<bool> heard{false};
  bus::KeyPair key = bus::make_key_pair();
  std::unique_ptr<HostileServer> hostile;
  std::unique_ptr<ScriptedPresence> service;
  std::unique_ptr<PresenceOnBench> gateway;
};

TEST_F(HostilePresence, a_skipped_number_leads_to_a_new_watch) {
  server_does([](Conversation& with) {
    WatchedServer server(with);
    server.grants("w1");
    server.ends_snapshot("w1", "1");
    server.tells("w1", "3", "anna");
    server.grants("w2");
    server.tells("w2", "1", "ben");
    server.ends_snapshot("w2", "2");
    server.waits();
  });
  expect_online("ben");
  EXPECT_TRUE(ignored("gap"));
  EXPECT_NE(service->state.story.find("lost:watch-gap"), std::string::npos) << service->state.story;
}

TEST_F(HostilePresence, a_page_of_another_watch_leads_to_a_new_one) {
  server_does([](Conversation& with) {
    WatchedServer server(with);
    server.grants("w1");
    server.tells("w9", "1", "anna");
    server.grants("w2");
    server.tells("w2", "1", "ben");
    server.ends_snapshot("w2", "2");
    server.waits();
  });
  expect_online("ben");
  EXPECT_TRUE(ignored("wrong-watch"));
}

TEST_F(HostilePresence, pages_of_anybody_but_the_server_are_not_read) {
  server_does([](Conversation& with) {
    WatchedServer server(with);
    server.grants("w1");
    server.tells("w1", "1", "anna", "mallory@example.org/x");
    server.tells("w1", "1", "anna", "example.org/x");
    server.tells("w1", "1", "ben");
    with.says("<presence from='anna@example.org/x'/>");
    server.ends_snapshot("w1", "2");
    server.waits();
  });
  expect_online("ben");
  EXPECT_TRUE(ignored("forged"));
  EXPECT_TRUE(hostile->bench.counted(disbelieved("presence")));
}

TEST_F(HostilePresence, a_server_without_the_watch_is_named_with_what_mends_it) {
  server_does([this](Conversation& with) {
    WatchedServer server(with);
    server.refuses("service-unavailable");
    with.hears("<presence><priority>0</priority></presence>");  // the site is there all the same
    heard = true;
    server.waits();
  });
  EXPECT_TRUE(hostile->bench.serves_until([&] { return heard.load(); }));
  EXPECT_NE(gateway->health().find("mod_rostrum"), std::string::npos) << gateway->health();
}

TEST_F(HostilePresence, the_site_asks_for_the_watch_before_it_shows_itself) {
  server_does([this](Conversation& with) {
    WatchedServer server(with);
    const auto before = with.transcript().size();
    server.grants("w1");
    with.hears("<presence>");
    heard = with.transcript().find("<presence>", before) > with.transcript().find("<watch", before);
    server.waits();
  });
  EXPECT_TRUE(hostile->bench.serves_until([&] { return heard.load(); }));
}

TEST_F(HostilePresence, what_members_wrote_before_we_stopped_watching_is_handed_on) {
  server_does([](Conversation& with) {
    WatchedServer server(with);
    server.grants("w1");
    server.tells("w1", "1", "anna");
    server.ends_snapshot("w1", "2");
    with.hears("</stream:stream>");
    with.says("<message from='anna@example.org/desk' id='late'/></stream:stream>");
  });
  expect_online("anna");
  service->gives_lease_to_another();
  EXPECT_TRUE(hostile->bench.serves_until([&] { return !gateway->messages.empty(); }));
  EXPECT_TRUE(hostile->bench.serves_until([&] { return gateway->link.closed(); }));
}

TEST_F(HostilePresence, a_stream_that_dies_in_mid_snapshot_leaves_nobody_online) {
  server_does([this](Conversation& with) {
    WatchedServer server(with);
    server.grants("w1");
    const bool is_first = !heard.exchange(true);
    server.tells("w1", "1", is_first ? "anna" : "ben");
    if (is_first) return;
    server.ends_snapshot("w1", "2");
    server.waits();
  });
  expect_online("ben");
}

}  // namespace
}  // namespace rostrum::test
