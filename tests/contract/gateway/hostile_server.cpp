// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/gateway/hostile_server.hpp"

#include <gtest/gtest.h>

namespace rostrum::test {

const Authority& authority() {
  static const Authority kAuthority;
  return kAuthority;
}

const Certificate& good_certificate() {
  static const Certificate kCertificate = authority().issue("example.org");
  return kCertificate;
}

std::string losses(const std::string& reason) {
  return "rostrum_gateway_stream_losses_total{reason=\"" + reason + "\"";
}

std::string disbelieved(const std::string& rule) {
  return "rostrum_gateway_stanzas_disbelieved_total{rule=\"" + rule + "\"";
}

HostileServer::HostileServer(ScriptedServer::Script script)
    : server(std::move(script)), bench({server.address(), authority().file(), "example.org"}) {}

gateway::SessionSettings HostileServer::site(bool stream_management) const {
  return bench.session("sender", "site@example.org", "secret", stream_management);
}

void HostileServer::expect_loss(const std::string& reason) {
  SenderOnBench sender(bench, site());
  EXPECT_TRUE(bench.serves_until([&] { return bench.counted(losses(reason)); }))
      << bench.registry.exposition();
  EXPECT_FALSE(sender.session.online());
}

}  // namespace rostrum::test
