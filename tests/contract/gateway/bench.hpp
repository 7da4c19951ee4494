// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "common/base/random.hpp"
#include "common/bus/reactor.hpp"
#include "services/gateway/adapters/account_door.hpp"
#include "services/gateway/adapters/sender_session.hpp"

namespace rostrum::test {

/// The Jabber server under test.
struct JabberServer {
  std::string address;
  std::string ca_file;
  std::string domain;
};

/// What a gateway's streams need around them, on the test's own thread. Waiting is for a condition with a
/// deadline.
class Bench {
 public:
  explicit Bench(const JabberServer& server);

  /// Serves until the condition holds; false when it does not in time.
  [[nodiscard]] bool serves_until(const std::function<bool()>& condition,
                                  Milliseconds deadline = std::chrono::seconds(20));

  [[nodiscard]] gateway::SessionTools tools() { return {reactor, random, log, registry, tls}; }
  /// Short times, so that a test of silence is short too.
  [[nodiscard]] gateway::SessionSettings session(const std::string& name, const std::string& account,
                                                 const std::string& password, bool stream_management) const;
  [[nodiscard]] bool counted(
      const std::string& series) const;  ///< a line of the exposition begins with it and is not nought

  SystemClock clock;
  SystemRandom random;
  log::Log log;
  metrics::Registry registry;
  metrics::Health health;
  bus::Reactor reactor{clock};
  JabberServer server;
  gateway::TlsContext tls;
};

/// A sender with its outcomes and what members sent.
class SenderOnBench {
 public:
  SenderOnBench(Bench& bench, gateway::SessionSettings settings, gateway::SenderLimits limits = {});
  Uuid send(const std::string& to, const std::string& body = "hello",
            Milliseconds time_to_live = std::chrono::seconds(60));
  [[nodiscard]] std::size_t count(gateway::Ending ending) const;

  Bench& bench;
  std::map<Uuid, gateway::Outcome> outcomes;
  std::vector<std::string> messages;  // as XML
  gateway::SenderSession session;
};

/// A door with its outcomes.
class DoorOnBench {
 public:
  DoorOnBench(Bench& bench, gateway::SessionSettings settings, const std::string& site);
  Uuid ask(gateway::DoorRequest::Action action, const std::string& account, const std::string& claim,
           const std::string& password = "secret");
  /// The outcome of one request, waited for.
  gateway::Outcome outcome(const Uuid& id);
  [[nodiscard]] bool ready() const {
    return bench.health.ready().text.find("door: good") != std::string::npos;
  }

  Bench& bench;
  std::map<Uuid, gateway::Outcome> outcomes;
  std::vector<std::string> messages;
  gateway::AccountDoor door;
};

}  // namespace rostrum::test
