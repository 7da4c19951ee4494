// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/gateway_process.hpp"

#include <utility>

#include "common/bus/instance.hpp"
#include "rostrum/v1/command.pb.h"
#include "services/gateway/adapters/command_result.hpp"

namespace rostrum::simulation {

namespace {

using Action = gateway::DoorRequest::Action;
using Status = bus::CommandResult::Status;

constexpr bus::LinkLimits kLimits{.max_batch = 4, .window = 6, .window_total = 10};
/// Less often than the real one, so that it does not hide what happens in between.
constexpr Milliseconds kTick{500};

/// Short queues have gateways too busy, long ones have commands that expire in them.
gateway::SenderLimits sender_limits(World& world) {
  return {.unconfirmed = 1 + world.random().below(3),
          .barrier_every = 1 + world.random().below(3),
          .waiting = 1 + world.random().below(6),
          .confirmation_deadline = Milliseconds(4'000)};
}
gateway::DoorLimits door_limits(World& world) {
  return {.in_flight = 1, .waiting = 1 + world.random().below(6), .answer_deadline = Milliseconds(4'000)};
}

}  // namespace

// --- a stream

Stream::Stream(World& world, Network& network, Handlers handlers)
    : world_(world), network_(network), handlers_(std::move(handlers)) {
  connect();
}

Stream::~Stream() {
  if (connection_) connection_->close(Connection::End::kCaller);
}

void Stream::connect() {
  const auto attempt = ++attempt_;
  network_.connect(JabberServer::kAddress, life_.guard([this, attempt](ConnectionPtr connection) {
    if (attempt != attempt_) return connection->close(Connection::End::kCaller);
    connection_ = std::move(connection);
    connection_->attach(Connection::End::kCaller,
                        {.on_message = life_.guard([this, attempt](std::any& message) {
                           if (attempt == attempt_) handlers_.on_message(message);
                         }),
                         .on_broken = life_.guard([this, attempt] {
                           if (attempt == attempt_) give_up();
                         })});
    handlers_.on_online();
  }),
                   [] {});
  world_.after(Milliseconds(1'000), life_.guard([this, attempt] {
    if (attempt == attempt_ && !connection_) connect();
  }));
}

void Stream::send(std::any message) {
  if (connection_) connection_->send(Connection::End::kCaller, std::move(message));
}

void Stream::give_up() {
  if (!connection_) return;
  ++attempt_;
  std::exchange(connection_, nullptr)->close(Connection::End::kCaller);
  world_.count("streams lost");
  handlers_.on_offline();
  world_.after(world_.between(100, 600), life_.guard([this, attempt = attempt_] {
    if (attempt == attempt_) connect();
  }));
}

// --- the gateway

GatewayProcess::GatewayProcess(World& world, Network& network, const std::string& address,
                               const bus::AuthorizedKeys& keys, UnderWay& under_way)
    : world_(world),
      address_(address),
      keys_(keys),
      under_way_(under_way),
      server_(kLimits, bus::make_instance(world.random()), 64),
      sender_(sender_limits(world)),
      door_(door_limits(world)),
      sender_stream_(world, network,
                     {.on_online = [this] { perform(sender_.stream_opened(world_.now())); },
                      .on_offline = [this] { perform(sender_.stream_lost()); },
                      .on_message =
                          [this](std::any& message) {
                            const auto& reached = std::any_cast<BarrierReached&>(message);
                            perform(sender_.barrier_reached(reached.number, world_.now()));
                          }}),
      door_stream_(world, network,
                   {.on_online = [this] { perform(door_.opened(world_.now())); },
                    .on_offline = [this] { perform(door_.closed("not-connected")); },
                    .on_message =
                        [this](std::any& message) {
                          const auto& replied = std::any_cast<DoorReplied&>(message);
                          perform(door_.replied(replied.request, replied.reply, world_.now()));
                        }}),
      side_(world, network, address,
            {.on_message =
                 [this](const bus::IncomingMessage& message) {
                   perform(server_.receive(message, keys_, world_.now()));
                 },
             .on_dropped = [this](const std::string& route) { perform(server_.drop(route)); },
             .has_room = [this] { return server_.has_room(); },
             .on_beat = [this] { perform(server_.greet_all(keys_)); }}) {}

GatewayProcess::~GatewayProcess() {
  for (const auto& [command, open] : open_) {
    if (open.begun) under_way_.forget(open.what, command);
  }
}

void GatewayProcess::perform(const bus::CommandServerEffects& effects) {
  side_.perform(effects.peers);
  for (const auto& started : effects.start) start(started);
  if (server_.results_due()) flush_soon();
}

/// CommandDesk's part, without its checks.
void GatewayProcess::start(const bus::StartedCommand& started) {
  promise(started_.insert(started.id).second,
          "a repeated command id gets the first one's result: ", started.id.to_string(),
          " was started twice by one gateway");
  under_way_.started(started.id, address_);
  const auto& command = *started.command;
  world_.say(address_, " takes command ", started.id.to_string(), " for ",
             std::chrono::duration_cast<Milliseconds>(started.deadline - world_.now()).count(), " ms");
  const auto ask_door = [&](Action action, const auto& content, const std::string& password) {
    open_[started.id] = {"account " + content.jid(), started.deadline};
    perform(door_.ask(started.id,
                      {action, Jid::parse(content.jid()).value(), content.claim(), Secret(password)},
                      started.deadline, world_.now()));
  };
  switch (command.action_case()) {
    case v1::Command::kCreateAccount:
      return ask_door(Action::kCreate, command.create_account(), command.create_account().password());
    case v1::Command::kSetPassword:
      return ask_door(Action::kSetPassword, command.set_password(), command.set_password().password());
    case v1::Command::kRemoveAccount:
      return ask_door(Action::kRemove, command.remove_account(), "");
    case v1::Command::kSendMessage: {
      const auto& content = command.send_message();
      open_[started.id] = {"message to " + content.to(), started.deadline};
      return perform(sender_.send(
          started.id,
          {Jid::parse(content.to()).value(), content.stanza_id(), content.subject(), content.body()},
          started.deadline, world_.now()));
    }
    default:
      fail_invariant("a command that nobody sends here", __FILE__, __LINE__);
  }
}

void GatewayProcess::perform(gateway::Sender::Effects effects) {
  for (auto& effect : effects) std::visit([this](auto& one) { perform_one(one); }, effect);
  tick();
}

void GatewayProcess::perform(gateway::Door::Effects effects) {
  for (auto& effect : effects) std::visit([this](auto& one) { perform_one(one); }, effect);
  tick();
}

void GatewayProcess::perform_one(gateway::Sender::Transmit& effect) {
  begun("message to " + effect.message.to.text());
  sender_stream_.send(Stanza{effect.message.to.text(), effect.message.stanza_id});
}

void GatewayProcess::perform_one(gateway::Door::Transmit& effect) {
  const auto& content = effect.content;
  begun("account " + content.account.text());
  door_stream_.send(DoorAsked{effect.request, content.action, content.account.text(), content.claim,
                              std::string(content.password.reveal())});
}

/// The oldest of these that has not begun yet.
void GatewayProcess::begun(const std::string& what) {
  for (auto& [command, open] : open_) {
    if (open.what != what || open.begun) continue;
    promise(world_.now() < open.deadline, "an expired command is never started: ", what, " by ", address_);
    world_.say(address_, ": ", what, " begins, command ", command.to_string());
    under_way_.begin(what, command, world_.now());
    open.begun = true;
    return;
  }
  throw Broken("nothing is done that nobody asked for: " + what + " by " + address_);
}

void GatewayProcess::conclude(const Uuid& command, const gateway::Outcome& outcome) {
  const auto open = open_.find(command);
  promise(open != open_.end(), "each command has one result, by ", address_);
  auto result = gateway::command_result(outcome);
  const auto status = result.status;
  world_.say(address_, ": ", open->second.what, " ended as ",
             status == Status::kDone     ? "done"
             : status == Status::kFailed ? "failed"
             : status == Status::kRetry  ? "retry"
                                         : "unknown",
             " ", outcome.condition);
  if (status == Status::kUnknown) world_.count("results unknown");
  if (outcome.condition == "expired") world_.count("commands expired");
  if (outcome.condition == "busy") world_.count("gateways too busy");
  if (open->second.begun) under_way_.end(open->second.what, command, world_.now());
  open_.erase(open);
  server_.answer(command, std::move(result));
  flush_soon();
}

void GatewayProcess::flush_soon() {
  if (std::exchange(flushing_, true)) return;
  world_.after(Milliseconds(0), life_.guard([this] {
    flushing_ = false;
    perform(server_.flush());
    side_.resume();
  }));
}

/// While there is anything that could run out of time.
void GatewayProcess::tick() {
  const bool idle = sender_.unconfirmed() + sender_.waiting() + door_.in_flight() + door_.waiting() == 0;
  if (idle || std::exchange(ticking_, true)) return;
  world_.after(kTick, life_.guard([this] {
    ticking_ = false;
    perform(sender_.tick(world_.now()));
    perform(door_.tick(world_.now()));
    for (const auto& [command, open] : open_) {
      promise(open.begun || world_.now() < open.deadline, "what cannot begin in its time is given back, but ",
              address_, " keeps ", open.what);
    }
  }));
}

}  // namespace rostrum::simulation
