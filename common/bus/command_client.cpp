// SPDX-License-Identifier: Apache-2.0
#include "common/bus/command_client.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "common/base/crash_point.hpp"
#include "common/bus/address_book.hpp"
#include "common/bus/command_client_core.hpp"
#include "common/bus/connection.hpp"
#include "common/bus/pool_core.hpp"
#include "rostrum/v1/command.pb.h"

namespace rostrum::bus {

namespace {

constexpr Milliseconds kShortestLife{1};
constexpr Milliseconds kLongestLife{60'000};

}  // namespace

struct CommandClient::State {
  using GatewayIndex = CommandClientCore::GatewayIndex;

  State(Reactor& r, Random& random_source, ConnectSettings s, Milliseconds stanza_deadline, Handlers h)
      : reactor(r),
        random(random_source),
        settings(std::move(s)),
        handlers(std::move(h)),
        core(0, stanza_deadline),
        flush_timer(r),
        deadline_timer(r),
        look_timer(r),
        review_timer(r),
        book(r, random, settings.endpoints, settings.look_up,
             {.on_found = [this] { join(); },
              .on_not_found =
                  [this](const std::string& endpoint, const std::string& why) {
                    handlers.on_link({LinkEvent::Kind::kUnresolved, endpoint,
                                      "cannot find its address: " + why, LinkTrouble::kUnresolved});
                  },
              .on_looked = [this] { look_later(); }}) {
    join();
    if (book.has_names()) book.look();
  }

  // --- the pool

  void join() {
    pool.named(book.addresses());
    for (const auto& address : pool.missing()) {
      const GatewayIndex index = core.add();
      pool.joined(index, address);
      connections.emplace(index, connect(index, address));
    }
    review_soon();
  }
  // While there is nobody at all, sooner.
  void look_later() {
    const Backoff pause{settings.retry_first, settings.look_up_every};
    failed_looks = book.addresses().empty() ? failed_looks + 1 : 0;
    look_timer.start(failed_looks == 0 ? settings.look_up_every : pause.delay(failed_looks, random),
                     [this] { book.look(); });
  }
  // Later: a connection must not end within what it tells.
  void review_soon() {
    if (!review_timer.armed()) review_timer.start(Milliseconds{0}, [this] { review(); });
  }
  void review() {
    for (const auto index : pool.surplus([this](GatewayIndex gateway) { return core.needed(gateway); })) {
      pool.left(index);
      connections.erase(index);
      core.remove(index);
    }
  }

  std::unique_ptr<Connection> connect(GatewayIndex index, const std::string& address) {
    return std::make_unique<Connection>(
        reactor, random,
        ConnectSettings{.endpoints = {address},
                        .own = settings.own.duplicate(),
                        .server = settings.server,
                        .answer_deadline = settings.answer_deadline,
                        .retry_first = settings.retry_first,
                        .retry_cap = settings.retry_cap},
        LinkKind::kCommand,
        Connection::Handlers{
            .on_begun = [this, index](const WelcomeFrame& welcome) { begin(index, welcome); },
            .on_ended =
                [this, index] {
                  core.lost(index);
                  starved = starved || core.credit() == 0;
                  review_soon();
                },
            .on_frame = [this, index](Frame frame) { receive(index, std::move(frame)); },
            .on_link = [this](const LinkEvent& event) { handlers.on_link(event); },
            .on_writable = [this, index] { flush(index); }});
  }

  // --- the commands

  void begin(GatewayIndex index, const WelcomeFrame& welcome) {
    finish(core.welcomed(index, welcome));
    after_credit(index);
  }
  void receive(GatewayIndex index, Frame frame) {
    if (const auto* credit = std::get_if<CreditFrame>(&frame)) core.credited(index, *credit);
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
    if (!ended.empty()) review_soon();
    watch_deadline();
  }
  void after_credit(GatewayIndex index) {
    flush(index);
    if (core.credit() == 0) {
      starved = true;
    } else if (std::exchange(starved, false)) {
      handlers.on_credit();
    }
  }

  void flush(GatewayIndex index) {
    auto& connection = *connections.at(index);
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
      for (const auto& [index, connection] : connections) flush(index);
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
  ConnectSettings settings;
  Handlers handlers;
  CommandClientCore core;
  PoolCore pool;
  std::unordered_map<Uuid, OnResult> on_result;
  bool starved = true;  ///< no credit at the last look
  Timer flush_timer;
  Timer deadline_timer;
  unsigned failed_looks = 0;  ///< in a row
  Timer look_timer;
  Timer review_timer;
  std::map<GatewayIndex, std::unique_ptr<Connection>> connections;
  AddressBook book;
};

CommandClient::CommandClient(Reactor& reactor, Random& random, ConnectSettings settings,
                             Milliseconds stanza_deadline, Handlers handlers)
    : state_(std::make_unique<State>(reactor, random, std::move(settings), stanza_deadline,
                                     std::move(handlers))) {}

CommandClient::~CommandClient() = default;

bool CommandClient::send(rostrum::v1::Command command, Milliseconds time_to_live, OnResult on_result) {
  const Uuid id = Uuid::make_v4(state_->random);
  command.clear_id();
  command.clear_time_to_live_ms();
  const std::size_t bytes = command.ByteSizeLong();
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

bool CommandClient::too_large(const v1::Command& command) const {
  return state_->core.too_large(command.ByteSizeLong());
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
