// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>

#include "common/metrics/http_port.hpp"
#include "services/gateway/adapters/door_protocol.hpp"
#include "services/gateway/adapters/session.hpp"
#include "services/gateway/core/door.hpp"

namespace rostrum::gateway {

/// The control account's stream to the account door (docs/account-door.md). Asks the door to describe itself
/// first and stays shut while it is not what we need.
class AccountDoor {
 public:
  using OnOutcome = std::function<void(const Uuid& command, Outcome outcome)>;
  using OnMessage = std::function<void(const gloox::Tag& message)>;
  using OnDescription =
      std::function<void(const DoorDescription& description, const std::string& unfit_because)>;
  AccountDoor(SessionTools tools, SessionSettings settings, Jid site, DoorLimits limits,
              metrics::Health::Part& health, OnOutcome on_outcome, OnMessage on_message);

  void start() { session_.start(); }
  void ask(const Uuid& command, DoorRequest request, MonoTime deadline);
  void stop();
  void close();
  [[nodiscard]] bool closed() const { return session_.closed(); }

  /// Asks the door anew; never called back if the stream is lost before.
  void describe(OnDescription on_description);
  /// Whether the server lets a logged-in account see its in-band registration; likewise.
  void try_registration(std::function<void(bool refused)> on_answer);
  [[nodiscard]] bool online() const { return session_.online(); }

 private:
  void look();
  void perform(Door::Effects effects);
  void perform_one(Door::Transmit& effect);
  void perform_one(Door::Answer& effect) { on_outcome_(effect.command, std::move(effect.outcome)); }
  void perform_one(Door::GiveUpStream&) { session_.give_up(StreamLoss::kSilent, "no-answer"); }
  void tick();
  [[nodiscard]] MonoTime now() const { return clock_.mono(); }

  const Clock& clock_;
  log::Log& log_;
  metrics::Health::Part& health_;
  Jid site_;
  Jid control_;
  OnOutcome on_outcome_;
  Door door_;
  Session session_;
  bus::Timer tick_timer_;
  bus::Timer look_timer_;
};

}  // namespace rostrum::gateway
