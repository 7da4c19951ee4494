// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/base/uuid.hpp"
#include "common/bus/authenticator.hpp"
#include "common/bus/command_client.hpp"
#include "common/bus/link.hpp"
#include "common/bus/reactor.hpp"

namespace rostrum::bus {

/// The answering side of the command link, in a gateway. A repeated id gets the first one's result (of the
/// last `kept_results` that ended, and of 64 MiB of them); one that is still at work is not started again.
/// Belongs to the reactor's thread.
class CommandServer {
 public:
  /// Called once for each new command; `deadline` is counted from arrival: it must not be started after.
  /// Answer by answer(), now or later, exactly once.
  using OnCommand =
      std::function<void(const Uuid& id, const rostrum::v1::Command& command, MonoTime deadline)>;
  struct Handlers {
    OnCommand on_command;
    std::function<void(const LinkEvent&)> on_link = [](const LinkEvent&) {};
  };
  CommandServer(Reactor& reactor, Random& random, const Authenticator& authenticator, BindSettings settings,
                Handlers handlers, std::size_t kept_results = 65'536);
  ~CommandServer();
  CommandServer(const CommandServer&) = delete;
  CommandServer& operator=(const CommandServer&) = delete;

  void answer(const Uuid& id, CommandResult result);
  /// While closed no credit is given, and what was given is withdrawn. Open at start.
  void set_open(bool open);

  [[nodiscard]] std::string endpoint() const;
  [[nodiscard]] std::size_t in_progress() const;
  [[nodiscard]] IntakeFlow flow() const;  ///< waiting: in progress

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rostrum::bus
