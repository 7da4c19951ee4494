// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/gateway/presence_on_bench.hpp"

namespace rostrum::test {

PresenceOnBench::PresenceOnBench(Bench& bench, const SiteAccounts& accounts,
                                 gateway::PresenceSourceKind source, bus::ConnectSettings service)
    : link(
          bench.tools(),
          {gateway::PresenceAddresses(bench.server.domain, {Jid::parse(accounts.site).value(),
                                                            Jid::parse(accounts.control).value()}),
           source, std::move(service)},
          [&bench, accounts] {
            return bench.session("presence", accounts.site, accounts.site_password, false);
          },
          health_.part("presence"),
          [this](const gloox::Tag& message) { messages.push_back(message.xml()); }) {}

std::string PresenceOnBench::health() {
  link.look();
  return health_.ready().text;
}

}  // namespace rostrum::test
