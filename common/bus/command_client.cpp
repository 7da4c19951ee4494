// SPDX-License-Identifier: Apache-2.0
#include "common/bus/command_client.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "common/base/crash_point.hpp"
#include "common/bus/command_client_core.hpp"
#include "common/bus/connection.hpp"
#include "rostrum/v1/command.pb.h"

namespace rostrum::bus {

namespace {

constexpr Milliseconds kShortestLife{1};
constexpr Milliseconds kLongestLife{60'000};
constexpr std::size_t kIdAndTimeBytes = 32;  // what send() adds to a command

}  // namespace

struct CommandClient::State {
  using GatewayIndex = CommandClientCore::GatewayIndex;

  State(Reactor& r, Random& random_source, const ConnectSettings& settings, Milliseconds stanza_deadline,
        Handlers h)
      : reactor(r),
        random(random_source),
        handlers(std::move(h)),
        core(settings.endpoints.size(), stanza_deadline),
        flush_timer(r),
        deadline_timer(r) {
    for (GatewayIndex index = 0; index < settings.endpoints.size(); ++index)
      connections.push_back(connect(index, settings));
  }

  std::unique_ptr<Connection> connect(GatewayIndex index, const ConnectSettings& settings) {
    return std::make_unique<Connection>(
        reactor, random,
        ConnectionCore::Settings{{settings.endpoints[index]},
                                 LinkKind::kCommand,
                                 settings.answer_deadline,
                                 {settings.retry_first, settings.retry_cap}},
        settings.own, settings.server,
        Connection::Handlers{
            .on_begun = [this, index](const WelcomeFrame& welcome) { begin(index, welcome); },
            .on_ended =
                [this, index] {
                  core.lost(index);
                  starved = starved || core.credit() == 0;
                },
            .on_frame = [this, index](Frame frame) { receive(index, std::move(frame)); },
            .on_link = [this](const LinkEvent& event) { handlers.on_link(event); },
            .on_writable = [this, index] { flush(index); }});
  }

  void begin(GatewayIndex index, const WelcomeFrame& welcome) {
    finish(core.welcomed(index, welcome));
    after_credit(index);
  }
  void receive(GatewayIndex index, Frame frame) {
    if (const auto* credit = std::get_if<CreditFrame>(&frame)) core.raise(index, *credit);
    if (auto* results = std::get_if<ResultsFrame>(&frame)) {
      crash_point("command.resulted");
      finish(core.answered(index, std::move(*results)));
    }
    after_credit(index);
  }
  void finish(std::vector<EndedCommand> ended) {
    for (auto& command : ended) {
      const auto waiting = on_result.extract(command.id);
      waiting.mapped()(std::move(command.result));
    }
    watch_deadline();
  }
  void after_credit(GatewayIndex index) {
    flush(index);
    if (starved && core.credit() > 0) {
      starved = false;
      handlers.on_credit();
    }
  }

  void flush(GatewayIndex index) {
    auto& connection = *connections[index];
    if (core.in_flight() == 0 || !connection.writable()) return;
    while (const auto frame = core.next_frame(index, reactor.clock().mono())) {
      connection.send(*frame);
      crash_point("command.sent");
      if (!connection.writable()) return;
    }
  }
  // What is asked in one turn of the reactor leaves in one frame for each gateway.
  void flush_soon() {
    if (flush_timer.armed()) return;
    flush_timer.start(Milliseconds{0}, [this] {
      for (GatewayIndex index = 0; index < connections.size(); ++index) flush(index);
    });
  }
  void watch_deadline() {
    const auto at = core.wake_at();
    if (!at) return deadline_timer.stop();
    const auto wait = std::chrono::ceil<Milliseconds>(*at - reactor.clock().mono());
    deadline_timer.start(std::max(wait, Milliseconds{0}),
                         [this] { finish(core.tick(reactor.clock().mono())); });
  }

  Reactor& reactor;
  Random& random;
  Handlers handlers;
  CommandClientCore core;
  std::unordered_map<Uuid, OnResult> on_result;
  bool starved = true;  ///< no credit at the last look
  Timer flush_timer;
  Timer deadline_timer;
  std::vector<std::unique_ptr<Connection>> connections;
};

CommandClient::CommandClient(Reactor& reactor, Random& random, ConnectSettings settings,
                             Milliseconds stanza_deadline, Handlers handlers)
    : state_(std::make_unique<State>(reactor, random, settings, stanza_deadline, std::move(handlers))) {}

CommandClient::~CommandClient() = default;

bool CommandClient::send(rostrum::v1::Command command, Milliseconds time_to_live, OnResult on_result) {
  const Uuid id = Uuid::make_v4(state_->random);
  const std::size_t bytes = command.ByteSizeLong() + kIdAndTimeBytes;
  const auto life = std::clamp(time_to_live, kShortestLife, kLongestLife);
  const bool taken = state_->core
                         .send(id, std::make_shared<const v1::Command>(std::move(command)), bytes, life,
                               state_->reactor.clock().mono())
                         .has_value();
  if (taken) {
    state_->on_result.emplace(id, std::move(on_result));
    state_->watch_deadline();
    state_->flush_soon();
  }
  if (state_->core.credit() == 0) state_->starved = true;
  return taken;
}

std::size_t CommandClient::credit() const {
  return state_->core.credit();
}
std::size_t CommandClient::in_flight() const {
  return state_->core.in_flight();
}
std::size_t CommandClient::gateways() const {
  return state_->core.gateways();
}

}  // namespace rostrum::bus
