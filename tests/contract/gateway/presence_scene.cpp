// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/gateway/presence_scene.hpp"

#include <cstdlib>
#include <string_view>

namespace rostrum::test {
namespace {

gateway::PresenceSourceKind source_from_environment() {
  const char* source =
      std::getenv("ROSTRUM_TEST_PRESENCE_SOURCE");  // NOLINT(concurrency-mt-unsafe): one thread
  return source != nullptr && std::string_view(source) == "roster" ? gateway::PresenceSourceKind::kRoster
                                                                   : gateway::PresenceSourceKind::kModule;
}

std::string localpart(const std::string& jid) {
  return jid.substr(0, jid.find('@'));
}

}  // namespace

PresenceScene::PresenceScene() : source(source_from_environment()) {}

std::string PresenceScene::new_account() {
  auto name = "m" + bench.random.hex(6);
  lab.does("prosody adduser " + name + " " + password_);
  return name;
}

std::string PresenceScene::new_member() {
  auto name = new_account();
  if (by_roster()) befriends(name);
  return name;
}

/// RFC 6121 §3.1, both ways, by the clients of both.
void PresenceScene::befriends(const std::string& name) {
  RawClient site({lab.server.address, lab.server.domain, localpart(lab.site), lab.site_password, "friends"});
  RawClient member({lab.server.address, lab.server.domain, name, password_, "friends"});
  const auto says = [&](RawClient& who, const std::string& type, const std::string& to) {
    who.says("<presence type='" + type + "' to='" + to + "'/>");
    who.is_heard();
  };
  says(member, "subscribe", lab.site);
  says(site, "subscribed", jid(name));
  says(site, "subscribe", jid(name));
  says(member, "subscribed", lab.site);
  member.leaves();
  site.leaves();
}

PresenceScene::Client PresenceScene::logs_in(const std::string& name, const std::string& resource) {
  return std::make_unique<RawClient>(Login{lab.server.address, lab.server.domain, name, password_, resource});
}

PresenceScene::Client PresenceScene::comes_online(const std::string& name, const std::string& resource,
                                                  const std::string& children) {
  auto client = logs_in(name, resource);
  client->says("<presence>" + children + "</presence>");
  client->is_heard();
  return client;
}

PresenceOnBench& PresenceScene::starts_gateway() {
  gateways.push_back(std::make_unique<PresenceOnBench>(
      bench, SiteAccounts{lab.site, lab.site_password, lab.control}, source, service.settings(gateway_key)));
  return *gateways.back();
}

void PresenceScene::sees_site(RawClient& member, bool available) {
  for (;;) {
    member.hears("<presence");
    const auto tag = member.hears(">");
    const bool is_of_gateway = tag.find("/rostrum-presence-") != std::string::npos;
    if (is_of_gateway && available == (tag.find("unavailable") == std::string::npos)) return;
  }
}

void PresenceScene::expect_online(const Online& online) {
  EXPECT_TRUE(bench.serves_until([&] { return service.knows(online); }))
      << "whole: " << service.state.whole << ", told: " << service.state.story;
}

void PresenceScene::expect_nothing_changes(const Online& online) {
  // Whoever comes now is told after all that happened before.
  const auto witness = new_member();
  const auto client = comes_online(witness, "witness");
  auto with_witness = online;
  with_witness.emplace(witness + "/witness", gateway::ResourceState{});
  expect_online(with_witness);
  client->leaves();
  expect_online(online);
}

}  // namespace rostrum::test
