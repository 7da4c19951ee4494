// SPDX-License-Identifier: Apache-2.0
#include "common/bus/event_publisher.hpp"

#include <utility>

#include "common/base/crash_point.hpp"
#include "common/bus/connection.hpp"
#include "common/bus/publisher_core.hpp"

namespace rostrum::bus {

struct EventPublisher::State {
  State(Reactor& reactor, Random& random, const ConnectSettings& settings, Handlers h)
      : handlers(std::move(h)),
        flush_timer(reactor),
        connection(reactor, random, settings, LinkKind::kEvent,
                   {.on_begun = [this](const WelcomeFrame& welcome) { begin(welcome); },
                    .on_ended = [this] { end(); },
                    .on_frame = [this](Frame frame) { receive(std::move(frame)); },
                    .on_link = [this](const LinkEvent& event) { handlers.on_link(event); },
                    .on_writable = [this] { flush(); }}) {}

  void begin(const WelcomeFrame& welcome) {
    tell(core.welcomed(welcome));
    after_credit();
    if (core.unanswered() > 0) crash_point("publisher.resent");
  }
  // With the connection goes its credit; the next Welcome may bring none yet.
  void end() {
    core.lost();
    starved = true;
  }
  void receive(Frame frame) {
    if (const auto* credit = std::get_if<CreditFrame>(&frame)) core.raise(*credit);
    if (auto* outcomes = std::get_if<OutcomesFrame>(&frame)) {
      crash_point("publisher.concluded");
      tell(core.concluded(std::move(*outcomes)));
    }
    after_credit();
  }
  void tell(std::vector<EventOutcome> outcomes) {
    for (auto& outcome : outcomes) handlers.on_outcome(std::move(outcome));
  }
  void after_credit() {
    flush();
    if (starved && core.credit() > 0) {
      starved = false;
      handlers.on_credit();
    }
  }

  void flush() {
    if (core.unanswered() == 0 || !connection.writable()) return;
    while (const auto batch = core.next_batch()) {
      connection.send(*batch);
      crash_point("publisher.sent");
      if (!connection.writable()) return;
    }
  }
  // What is offered in one turn of the reactor leaves in one batch.
  void flush_soon() {
    if (!flush_timer.armed()) flush_timer.start(Milliseconds{0}, [this] { flush(); });
  }

  Handlers handlers;
  PublisherCore core;
  bool starved = true;  ///< no credit at the last look
  Timer flush_timer;
  Connection connection;
};

EventPublisher::EventPublisher(Reactor& reactor, Random& random, ConnectSettings settings, Handlers handlers)
    : state_(std::make_unique<State>(reactor, random, settings, std::move(handlers))) {}

EventPublisher::~EventPublisher() = default;

Offer EventPublisher::offer(OutgoingEvent event) {
  const Offer offer = state_->core.offer(std::move(event));
  if (offer == Offer::kTaken) {
    crash_point("publisher.taken");
    state_->flush_soon();
  }
  if (state_->core.credit() == 0) state_->starved = true;
  return offer;
}

std::size_t EventPublisher::unanswered() const {
  return state_->core.unanswered();
}
std::size_t EventPublisher::credit() const {
  return state_->core.credit();
}
bool EventPublisher::connected() const {
  return state_->core.connected();
}

}  // namespace rostrum::bus
