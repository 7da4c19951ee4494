// SPDX-License-Identifier: Apache-2.0
#include "common/bus/observation_intake.hpp"

#include <utility>

#include "common/base/crash_point.hpp"
#include "common/bus/instance.hpp"
#include "common/bus/observation_intake_core.hpp"
#include "common/bus/router.hpp"

namespace rostrum::bus {

struct ObservationIntake::State {
  State(Reactor& reactor, Random& random, const Authenticator& a, const BindSettings& settings, Handlers h)
      : clock(reactor.clock()),
        authenticator(a),
        handlers(std::move(h)),
        core(settings.limits, make_instance(random)),
        router(reactor, settings,
               {.on_message =
                    [this](const IncomingMessage& message) {
                      perform(core.receive(message, authenticator.keys(), clock.mono()));
                    },
                .has_room = [this] { return core.has_room(); },
                .on_beat = [this] { perform(core.greet_all(authenticator.keys())); },
                .on_link = [this](const LinkEvent& event) { handlers.on_link(event); }}) {}

  void perform(const ObservationIntakeEffects& effects) {
    perform_all(router, core, effects.peers);
    if (effects.gathered) {
      crash_point("observation.received");
      handlers.on_gathered();
    }
    router.resume();
  }

  const Clock& clock;
  const Authenticator& authenticator;
  Handlers handlers;
  ObservationIntakeCore core;
  Router router;
};

ObservationIntake::ObservationIntake(Reactor& reactor, Random& random, const Authenticator& authenticator,
                                     BindSettings settings, Handlers handlers)
    : state_(std::make_unique<State>(reactor, random, authenticator, settings, std::move(handlers))) {}

ObservationIntake::~ObservationIntake() = default;

ObservationIntake::Gathered ObservationIntake::take(std::size_t max_observations, std::size_t max_bytes) {
  auto gathered = state_->core.take(max_observations, max_bytes);
  state_->router.resume();
  return gathered;
}

void ObservationIntake::answer(PeerToken peer, const LeaseAnswerFrame& answer) {
  state_->perform(state_->core.answer(peer, answer));
  crash_point("lease.answered");
}

void ObservationIntake::conclude(PeerToken peer, const ObservationsStoredFrame& stored, std::size_t count) {
  state_->perform(state_->core.conclude(peer, stored, count));
  crash_point("observation.answered");
}

void ObservationIntake::set_open(bool open) {
  state_->perform(state_->core.set_open(open));
}

void ObservationIntake::set_budget(const Load& budget) {
  state_->perform(state_->core.set_budget(budget));
}

std::string ObservationIntake::endpoint() const {
  return state_->router.endpoint();
}
std::size_t ObservationIntake::peers() const {
  return state_->core.peers();
}
std::size_t ObservationIntake::waiting() const {
  return state_->core.waiting();
}
Load ObservationIntake::waiting_load() const {
  return state_->core.waiting_load();
}
IntakeFlow ObservationIntake::flow() const {
  return state_->core.flow();
}

}  // namespace rostrum::bus
