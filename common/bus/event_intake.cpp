// SPDX-License-Identifier: Apache-2.0
#include "common/bus/event_intake.hpp"

#include <utility>

#include "common/base/crash_point.hpp"
#include "common/bus/instance.hpp"
#include "common/bus/intake_core.hpp"
#include "common/bus/router.hpp"

namespace rostrum::bus {

struct EventIntake::State {
  State(Reactor& reactor, Random& random, const Authenticator& a, const BindSettings& settings,
        std::vector<std::string> served_types, Handlers h)
      : clock(reactor.clock()),
        authenticator(a),
        handlers(std::move(h)),
        core(settings.limits, make_instance(random), std::move(served_types)),
        router(reactor, settings,
               {.on_message =
                    [this](const IncomingMessage& message) {
                      perform(core.receive(message, authenticator.keys(), clock.wall()));
                    },
                .has_room = [this] { return core.has_room(); },
                .on_beat = [this] { perform(core.greet_all(authenticator.keys())); },
                .on_link = [this](const LinkEvent& event) { handlers.on_link(event); }}) {}

  void perform(const IntakeEffects& effects) {
    perform_all(router, core, effects.peers);
    for (const auto& rejection : effects.rejected) handlers.on_rejected(rejection.type, rejection.code);
    if (effects.gathered) {
      crash_point("intake.received");
      handlers.on_gathered();
    }
    router.resume();
  }

  const Clock& clock;
  const Authenticator& authenticator;
  Handlers handlers;
  IntakeCore core;
  Router router;
};

EventIntake::EventIntake(Reactor& reactor, Random& random, const Authenticator& authenticator,
                         BindSettings settings, std::vector<std::string> served_types, Handlers handlers)
    : state_(std::make_unique<State>(reactor, random, authenticator, settings, std::move(served_types),
                                     std::move(handlers))) {}

EventIntake::~EventIntake() = default;

std::vector<ReceivedEvent> EventIntake::take(std::size_t max_events, std::size_t max_bytes) {
  auto events = state_->core.take(max_events, max_bytes);
  state_->router.resume();
  return events;
}

void EventIntake::conclude(const std::vector<Conclusion>& conclusions) {
  state_->perform(state_->core.conclude(conclusions));
  crash_point("intake.answered");
}

void EventIntake::set_open(bool open) {
  state_->perform(state_->core.set_open(open));
}

void EventIntake::set_budget(const Load& budget) {
  state_->perform(state_->core.set_budget(budget));
}

std::string EventIntake::endpoint() const {
  return state_->router.endpoint();
}
std::size_t EventIntake::peers() const {
  return state_->core.peers();
}
std::size_t EventIntake::waiting() const {
  return state_->core.waiting();
}
IntakeFlow EventIntake::flow() const {
  return state_->core.flow();
}

}  // namespace rostrum::bus
