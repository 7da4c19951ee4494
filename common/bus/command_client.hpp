// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/random.hpp"
#include "common/base/uuid.hpp"
#include "common/bus/link.hpp"
#include "common/bus/reactor.hpp"

namespace rostrum::v1 {
class Command;
}

namespace rostrum::bus {

/// How a command went; mirrors rostrum.v1.Result.
struct CommandResult {
  enum class Status { kDone, kFailed, kRetry, kUnknown };
  Status status;
  std::string condition;
  std::string text;
  struct Finding {
    std::string name;
    bool good;
    std::string detail;
    std::string remedy;
  };
  std::vector<Finding> findings;
};

/// The asking side of the command link: spreads commands over all gateways that give credit (fewest in flight
/// first). Every command that was taken gets exactly one result: the gateway's, or UNKNOWN when its gateway
/// was replaced by another instance or time to live plus `stanza_deadline` went by. While a lost link is
/// coming back, its commands are sent again under the same id. Belongs to the reactor's thread.
class CommandClient {
 public:
  using OnResult = std::function<void(CommandResult)>;
  struct Handlers {
    std::function<void(const LinkEvent&)> on_link = [](const LinkEvent&) {};
    std::function<void()> on_credit = [] {};
  };
  CommandClient(Reactor& reactor, Random& random, ConnectSettings settings, Milliseconds stanza_deadline,
                Handlers handlers);
  ~CommandClient();  // results still open are never called
  CommandClient(const CommandClient&) = delete;
  CommandClient& operator=(const CommandClient&) = delete;

  /// The id is set here; time to live is 1 ms to 60 s, what lies beyond is brought to it. False: no gateway
  /// has credit, nothing was kept.
  [[nodiscard]] bool send(rostrum::v1::Command command, Milliseconds time_to_live, OnResult on_result);
  /// Whether there are gateways and the command fits into no frame of theirs, so that it will never be sent.
  [[nodiscard]] bool too_large(const rostrum::v1::Command& command) const;
  [[nodiscard]] std::size_t credit() const;  ///< of all gateways together, for commands like the latest
  [[nodiscard]] std::size_t in_flight() const;
  [[nodiscard]] std::size_t gateways() const;  ///< connected now

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rostrum::bus
