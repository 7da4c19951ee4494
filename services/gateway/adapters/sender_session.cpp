// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/sender_session.hpp"

namespace rostrum::gateway {

SenderSession::SenderSession(SessionTools tools, SessionSettings settings, SenderLimits limits,
                             metrics::Health::Part& health, OnOutcome on_outcome, OnMessage on_message)
    : clock_(tools.reactor.clock()),
      health_(health),
      on_outcome_(std::move(on_outcome)),
      sender_(limits),
      session_(tools, std::move(settings),
               {.on_online =
                    [this] {
                      health_.good();
                      perform(sender_.stream_opened(now()));
                    },
                .on_offline =
                    [this](const std::string& why) {
                      health_.bad(why);
                      perform(sender_.stream_lost());
                    },
                .on_message = std::move(on_message),
                .on_barrier =
                    [this](std::uint64_t barrier) {
                      crash_point("sender.confirmed");
                      perform(sender_.barrier_reached(barrier, now()));
                    },
                .on_room = [this] { perform(sender_.set_writable(true, now())); }}),
      tick_timer_(tools.reactor) {
  tick();
}

void SenderSession::send(const Uuid& command, OutgoingMessage message, MonoTime deadline) {
  perform(sender_.send(command, std::move(message), deadline, now()));
}

void SenderSession::stop() {
  perform(sender_.stop());
}

void SenderSession::close() {
  session_.stop();
  perform(sender_.stream_lost());
}

void SenderSession::perform(Sender::Effects effects) {
  for (auto& effect : effects) std::visit([this](auto& one) { perform_one(one); }, effect);
  if (session_.online() && !session_.writable())
    std::ignore = sender_.set_writable(false, now());  // has no effects
}

void SenderSession::tick() {
  constexpr Milliseconds kTick{200};
  tick_timer_.start(kTick, [this] { tick(); });
  perform(sender_.tick(now()));
}

}  // namespace rostrum::gateway
