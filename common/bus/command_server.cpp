// SPDX-License-Identifier: Apache-2.0
#include "common/bus/command_server.hpp"

#include <utility>

#include "common/base/crash_point.hpp"
#include "common/bus/command_server_core.hpp"
#include "common/bus/instance.hpp"
#include "common/bus/router.hpp"

namespace rostrum::bus {

struct CommandServer::State {
  State(Reactor& reactor, Random& random, const Authenticator& a, const BindSettings& settings, Handlers h,
        std::size_t kept_results)
      : clock(reactor.clock()),
        authenticator(a),
        handlers(std::move(h)),
        core(settings.limits, make_instance(random), kept_results),
        router(reactor, settings,
               {.on_message =
                    [this](const IncomingMessage& message) {
                      perform(core.receive(message, authenticator.keys(), clock.mono()));
                    },
                .has_room = [this] { return core.has_room(); },
                .on_beat = [this] { perform(core.greet_all(authenticator.keys())); },
                .on_link = [this](const LinkEvent& event) { handlers.on_link(event); }}),
        flush_timer(reactor) {}

  void perform(const CommandServerEffects& effects) {
    perform_all(router, core, effects.peers);
    for (const auto& command : effects.start) {
      crash_point("command.received");
      handlers.on_command(command.id, *command.command, command.deadline);
    }
    router.resume();
    flush_soon();
  }
  // What is answered in one turn of the reactor leaves in one frame for each peer.
  void flush_soon() {
    if (!core.results_due() || flush_timer.armed()) return;
    flush_timer.start(Milliseconds{0}, [this] {
      perform(core.flush());
      crash_point("command.answered");
    });
  }

  const Clock& clock;
  const Authenticator& authenticator;
  Handlers handlers;
  CommandServerCore core;
  Router router;
  Timer flush_timer;
};

CommandServer::CommandServer(Reactor& reactor, Random& random, const Authenticator& authenticator,
                             BindSettings settings, Handlers handlers, std::size_t kept_results)
    : state_(std::make_unique<State>(reactor, random, authenticator, settings, std::move(handlers),
                                     kept_results)) {}

CommandServer::~CommandServer() = default;

void CommandServer::answer(const Uuid& id, CommandResult result) {
  state_->core.answer(id, std::move(result));
  state_->router.resume();
  state_->flush_soon();
}

void CommandServer::set_open(bool open) {
  state_->perform(state_->core.set_open(open));
}

std::string CommandServer::endpoint() const {
  return state_->router.endpoint();
}
std::size_t CommandServer::in_progress() const {
  return state_->core.in_progress();
}
IntakeFlow CommandServer::flow() const {
  return state_->core.flow();
}

}  // namespace rostrum::bus
