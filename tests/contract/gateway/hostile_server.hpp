// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "tests/contract/gateway/bench.hpp"
#include "tests/support/jabber/scripted_server.hpp"

namespace rostrum::test {

/// The authority that the bench trusts, and a good certificate of it.
[[nodiscard]] const Authority& authority();
[[nodiscard]] const Certificate& good_certificate();

/// Series to be counted.
[[nodiscard]] std::string losses(const std::string& reason);
[[nodiscard]] std::string disbelieved(const std::string& rule);

/// A scripted server and a bench beside it.
class HostileServer {
 public:
  explicit HostileServer(ScriptedServer::Script script);
  [[nodiscard]] gateway::SessionSettings site(bool stream_management = false) const;
  /// The session ends for this reason and does not stand meanwhile.
  void expect_loss(const std::string& reason);

  ScriptedServer server;
  Bench bench;
};

}  // namespace rostrum::test
