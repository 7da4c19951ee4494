// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "common/bus/command_server.hpp"
#include "common/log/log.hpp"
#include "common/metrics/metrics.hpp"
#include "services/gateway/adapters/account_door.hpp"
#include "services/gateway/adapters/inspector.hpp"
#include "services/gateway/adapters/sender_session.hpp"
#include "services/gateway/core/message_check.hpp"

namespace rostrum::v1 {
class Command;
}

namespace rostrum::gateway {

/// Where commands come in: reads them, gives each to whom it concerns, and hands its one result back.
class CommandDesk {
 public:
  /// Whoever may carry out commands, by kind.
  struct Workers {
    SenderSession& sender;
    AccountDoor& door;
    Inspector& inspector;
  };
  using OnResult = std::function<void(const Uuid& id, bus::CommandResult result)>;
  CommandDesk(const Clock& clock, metrics::Registry& registry, std::string domain, MessageLimits limits,
              OnResult on_result);

  void connect(Workers workers) { workers_.emplace(workers); }
  void take(const Uuid& id, const rostrum::v1::Command& command, MonoTime deadline);
  /// From the workers.
  void concluded(const Uuid& id, Outcome outcome);

  [[nodiscard]] std::size_t in_progress() const { return open_.size(); }

 private:
  struct Open {
    std::string_view action;
    MonoTime since;
  };

  void send(const Uuid& id, const rostrum::v1::Command& command, MonoTime deadline);
  void ask_door(const Uuid& id, DoorRequest::Action action, const std::string& jid, const std::string& claim,
                const std::string& password, MonoTime deadline);
  void inspect(const Uuid& id);
  void finish(const Uuid& id, bus::CommandResult result);

  const Clock& clock_;
  metrics::Registry& registry_;
  metrics::Gauge& in_progress_;
  std::string domain_;
  MessageLimits limits_;
  OnResult on_result_;
  std::optional<Workers> workers_;
  std::unordered_map<Uuid, Open> open_;
};

}  // namespace rostrum::gateway
