// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "tests/contract/gateway/lab.hpp"
#include "tests/contract/gateway/presence_on_bench.hpp"
#include "tests/support/jabber/raw_client.hpp"

namespace rostrum::test {

/// A site with a real Prosody, members on raw clients, and a gateway that tells a scripted presence service
/// who is online. ROSTRUM_TEST_PRESENCE_SOURCE says how it learns that.
class PresenceScene : public testing::Test {
 protected:
  using Online = std::map<std::string, gateway::ResourceState>;  // by `localpart/resource`
  using Client = std::unique_ptr<RawClient>;

  PresenceScene();

  [[nodiscard]] bool by_roster() const { return source == gateway::PresenceSourceKind::kRoster; }

  /// A new account with a name of its own, a contact of the site as all members are.
  std::string new_member();
  /// A new account that is no contact of the site's: where there is the module, nobody is.
  std::string new_account();
  Client logs_in(const std::string& name, const std::string& resource);
  /// Logged in and available; `children` is the content of the presence.
  Client comes_online(const std::string& name, const std::string& resource, const std::string& children = {});
  [[nodiscard]] std::string jid(const std::string& name) const { return name + "@" + lab.server.domain; }

  PresenceOnBench& starts_gateway();
  /// The next presence of the gateway's session that a member gets is one of these.
  static void sees_site_come(RawClient& member) { sees_site(member, true); }
  static void sees_site_go(RawClient& member) { sees_site(member, false); }
  /// The service has heard that exactly these are online; else the test fails with what it has heard.
  void expect_online(const Online& online);
  /// What the site itself wants to hear is heard: everything before has been told.
  void expect_nothing_changes(const Online& online);

  Lab lab = Lab::from_environment();
  Bench bench{lab.server};
  gateway::PresenceSourceKind source;
  bus::KeyPair gateway_key = bus::make_key_pair();
  ScriptedPresence service{bench, gateway_key.public_key};
  std::vector<std::unique_ptr<PresenceOnBench>> gateways;

 private:
  void befriends(const std::string& name);
  static void sees_site(RawClient& member, bool available);

  const std::string password_ = "secret";
};

}  // namespace rostrum::test
