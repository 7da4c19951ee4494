// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "services/gateway/adapters/presence_link.hpp"
#include "tests/contract/gateway/scripted_presence.hpp"

namespace rostrum::test {

/// Who speaks for the site, and who administers it.
struct SiteAccounts {
  std::string site;
  std::string site_password;
  std::string control;
};

/// A gateway's presence on the bench.
class PresenceOnBench {
 public:
  PresenceOnBench(Bench& bench, const SiteAccounts& accounts, gateway::PresenceSourceKind source,
                  bus::ConnectSettings service);

  /// What /readyz would say: "presence: …".
  [[nodiscard]] std::string health();
  [[nodiscard]] bool well() { return health().starts_with("presence: good\n"); }

 private:
  metrics::Health health_;

 public:
  std::vector<std::string> messages;  // that were not about presence, as XML
  gateway::PresenceLink link;
};

}  // namespace rostrum::test
