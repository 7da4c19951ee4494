// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "common/base/crash_point.hpp"
#include "common/metrics/http_port.hpp"
#include "services/gateway/adapters/session.hpp"
#include "services/gateway/core/sender.hpp"

namespace rostrum::gateway {

/// The site account's stream for sending: joins the Sender's thinking to a Session.
class SenderSession {
 public:
  using OnOutcome = std::function<void(const Uuid& command, Outcome outcome)>;
  using OnMessage = std::function<void(const gloox::Tag& message)>;
  SenderSession(SessionTools tools, SessionSettings settings, SenderLimits limits,
                metrics::Health::Part& health, OnOutcome on_outcome, OnMessage on_message);

  void start() { session_.start(); }
  void send(const Uuid& command, OutgoingMessage message, MonoTime deadline);
  /// Nothing new is started.
  void stop();
  /// Ends the stream; what is still unconfirmed is UNKNOWN.
  void close();
  [[nodiscard]] bool closed() const { return session_.closed(); }
  [[nodiscard]] bool online() const { return session_.online(); }

 private:
  void perform(Sender::Effects effects);
  void perform_one(Sender::Transmit& effect) {
    session_.send(effect.message);
    crash_point("sender.handed_over");
  }
  void perform_one(Sender::AskBarrier& effect) { session_.ask_barrier(effect.number); }
  void perform_one(Sender::Answer& effect) { on_outcome_(effect.command, std::move(effect.outcome)); }
  void perform_one(Sender::GiveUpStream&) { session_.give_up(StreamLoss::kSilent, "no-confirmation"); }
  void tick();
  [[nodiscard]] MonoTime now() const { return clock_.mono(); }

  const Clock& clock_;
  metrics::Health::Part& health_;
  OnOutcome on_outcome_;
  Sender sender_;
  Session session_;
  bus::Timer tick_timer_;
};

}  // namespace rostrum::gateway
