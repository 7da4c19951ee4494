// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/command_client_twin.hpp"

#include <algorithm>
#include <utility>

namespace rostrum::simulation {

CommandClientTwin::CommandClientTwin(World& world, Network& network, const std::string& name,
                                     const bus::PublicKey& own, const std::vector<std::string>& gateways,
                                     Milliseconds stanza_deadline, UnderWay& under_way,
                                     std::function<void()> on_credit)
    : world_(world),
      name_(name),
      stanza_deadline_(stanza_deadline),
      under_way_(under_way),
      on_credit_(std::move(on_credit)),
      core_(gateways.size(), stanza_deadline) {
  for (Index index = 0; index < gateways.size(); ++index) {
    sides_.push_back(std::make_unique<ConnectingSide>(
        world, network, name, own, bus::LinkKind::kCommand, std::vector{gateways[index]},
        ConnectingSide::Handlers{
            .on_begun =
                [this, index](const bus::WelcomeFrame& welcome) {
                  finish(core_.welcomed(index, welcome));
                  after_credit(index);
                },
            .on_ended =
                [this, index] {
                  core_.lost(index);
                  starved_ = starved_ || core_.credit() == 0;
                },
            .on_frame = [this, index](bus::Frame frame) { receive(index, std::move(frame)); }}));
  }
}

bool CommandClientTwin::send(v1::Command command, Milliseconds time_to_live, OnResult on_result) {
  const auto id = Uuid::make_v4(world_.random());
  const auto bytes = command.ByteSizeLong();
  const bool taken = core_
                         .send(id, std::make_shared<const v1::Command>(std::move(command)), bytes,
                               time_to_live, world_.now())
                         .has_value();
  if (taken) {
    world_.say(name_, " asks command ", id.to_string());
    under_way_.asked(id, world_.now() + time_to_live, stanza_deadline_);
    waiting_.emplace(id, Waiting{std::move(on_result)});
    watch_deadline();
    flush_soon();
  }
  if (core_.credit() == 0) starved_ = true;
  return taken;
}

void CommandClientTwin::receive(Index index, bus::Frame frame) {
  if (const auto* credit = std::get_if<bus::CreditFrame>(&frame)) core_.credited(index, *credit);
  if (auto* results = std::get_if<bus::ResultsFrame>(&frame))
    finish(core_.answered(index, std::move(*results)));
  after_credit(index);
}

void CommandClientTwin::finish(std::vector<bus::EndedCommand> ended) {
  for (auto& [id, result] : ended) {
    const auto waiting = waiting_.extract(id);
    promise(!waiting.empty(), "each command has one result, but ", name_, " got another");
    promise(result.condition != "not-sent" || !under_way_.has_begun(id),
            "what was sent and not answered is unknown, but ", name_, " says that it was not sent");
    if (result.condition == "gateway-replaced") world_.count("gateways replaced");
    if (result.condition == "deadline") world_.count("commands given up");
    waiting.mapped().on_result(std::move(result));
  }
}

void CommandClientTwin::after_credit(Index index) {
  flush(index);
  if (starved_ && core_.credit() > 0) {
    starved_ = false;
    on_credit_();
  }
}

void CommandClientTwin::flush(Index index) {
  while (const auto frame = core_.next_frame(index, world_.now())) {
    for (const auto& item : frame->commands) {
      if (std::exchange(waiting_.at(*Uuid::from_bytes(item.id)).sent, true))
        world_.count("commands sent again");
    }
    sides_[index]->send(*frame);
  }
}

void CommandClientTwin::flush_soon() {
  if (std::exchange(flushing_, true)) return;
  world_.after(Milliseconds(0), life_.guard([this] {
    flushing_ = false;
    for (Index index = 0; index < sides_.size(); ++index) flush(index);
  }));
}

/// One look at a time is on its way; it sets the next one.
void CommandClientTwin::watch_deadline() {
  const auto at = core_.wake_at();
  if (!at || watching_ <= *at) return;
  watching_ = *at;
  const auto wait = std::chrono::ceil<Milliseconds>(*at - world_.now());
  world_.after(std::max(wait, Milliseconds(0)), life_.guard([this, when = *at] {
    if (watching_ != when) return;
    watching_ = MonoTime::max();
    finish(core_.tick(world_.now()));
    watch_deadline();
  }));
}

}  // namespace rostrum::simulation
