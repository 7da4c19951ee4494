// SPDX-License-Identifier: Apache-2.0
#include "common/bus/event_publisher.hpp"

#include <optional>
#include <utility>

#include "common/base/crash_point.hpp"
#include "common/bus/connection.hpp"
#include "common/bus/publisher_core.hpp"

namespace rostrum::bus {

namespace {

constexpr Load kAnything{1, 1};

}  // namespace

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
    want(kAnything);
  }
  void receive(Frame frame) {
    if (const auto* credit = std::get_if<CreditFrame>(&frame)) hear(*credit);
    if (auto* outcomes = std::get_if<OutcomesFrame>(&frame)) {
      crash_point("publisher.concluded");
      tell(core.concluded(std::move(*outcomes)));
    }
    after_credit();
  }
  void hear(const CreditFrame& credit) {
    const bool had_some = kAnything.fits(core.flow().credit);
    core.credited(credit);
    if (!had_some || kAnything.fits(core.flow().credit)) return;
    want(kAnything);
    handlers.on_pause();
  }
  void tell(std::vector<EventOutcome> outcomes) {
    for (auto& outcome : outcomes) handlers.on_outcome(std::move(outcome));
  }
  void after_credit() {
    flush();
    if (!wanted || !wanted->fits(core.flow().credit)) return;
    wanted.reset();
    handlers.on_credit();
  }
  void want(const Load& load) { wanted = load; }

  Offer offer(OutgoingEvent event) {
    const Load cost{1, event.bytes.size()};
    const Offer answer = core.offer(std::move(event));
    if (answer == Offer::kTaken) {
      crash_point("publisher.taken");
      flush_soon();
    }
    if (answer == Offer::kNotNow)
      want(cost);
    else if (!kAnything.fits(core.flow().credit))
      want(kAnything);
    return answer;
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
  std::optional<Load> wanted = kAnything;  ///< there was no credit for it at the last look
  Timer flush_timer;
  Connection connection;
};

EventPublisher::EventPublisher(Reactor& reactor, Random& random, ConnectSettings settings, Handlers handlers)
    : state_(std::make_unique<State>(reactor, random, settings, std::move(handlers))) {}

EventPublisher::~EventPublisher() = default;

Offer EventPublisher::offer(OutgoingEvent event) {
  return state_->offer(std::move(event));
}

std::size_t EventPublisher::unanswered() const {
  return state_->core.unanswered();
}
std::size_t EventPublisher::credit() const {
  return state_->core.credit();
}
PublisherFlow EventPublisher::flow() const {
  return state_->core.flow();
}
std::size_t EventPublisher::largest_event() const {
  return state_->core.largest_event();
}
bool EventPublisher::connected() const {
  return state_->core.connected();
}

}  // namespace rostrum::bus
