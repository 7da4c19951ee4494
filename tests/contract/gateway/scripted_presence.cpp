// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/gateway/scripted_presence.hpp"

#include <gtest/gtest.h>

#include "common/bus/message_types.hpp"
#include "rostrum/v1/presence.pb.h"

namespace rostrum::test {
namespace {

using gateway::Observation;

gateway::ResourceName name_of(const std::string& jid, const std::string& resource) {
  return {jid.substr(0, jid.find('@')), resource};
}

gateway::Show show_of(v1::Show show) {
  using gateway::Show;
  switch (show) {
    case v1::SHOW_CHAT:
      return Show::kChat;
    case v1::SHOW_AWAY:
      return Show::kAway;
    case v1::SHOW_XA:
      return Show::kXa;
    case v1::SHOW_DND:
      return Show::kDnd;
    default:
      EXPECT_EQ(show, v1::SHOW_ONLINE);
      return Show::kOnline;
  }
}

Observation::What meaning_of(const v1::Observation& message) {
  using What = v1::Observation::WhatCase;
  switch (message.what_case()) {
    case What::kAvailable: {
      const auto& content = message.available();
      return Observation::Available{
          name_of(content.jid(), content.resource()),
          {show_of(content.show()), static_cast<std::int8_t>(content.priority()), content.status()}};
    }
    case What::kUnavailable: {
      const auto& content = message.unavailable();
      const bool left = content.ending() == v1::ENDING_LEFT;
      return Observation::Unavailable{name_of(content.jid(), content.resource()),
                                      left ? gateway::Departure::kLeft : gateway::Departure::kDropped};
    }
    case What::kSnapshotBegan:
      return Observation::SnapshotBegan{};
    case What::kSnapshotEnded:
      return Observation::SnapshotEnded{};
    case What::kViewLost:
      return Observation::ViewLost{message.view_lost().reason()};
    case What::WHAT_NOT_SET:
      break;
  }
  ADD_FAILURE() << "an observation without content";
  return Observation::ViewLost{"malformed"};
}

Observation read(const std::string& bytes) {
  v1::Observation message;
  EXPECT_TRUE(message.ParseFromString(bytes));
  return {meaning_of(message), gateway::kUnknownMoment};
}

}  // namespace

ScriptedPresence::ScriptedPresence(Bench& bench, const bus::PublicKey& gateway, const std::string& where,
                                   const bus::KeyPair& own)
    : bench_(bench), own_(own.duplicate()) {
  folder_.write("gateway", "key " + gateway.z85() + "\nallow " + bus::kPresenceObserved + "\n");
  authenticator_.emplace(bench.reactor, bus::Authenticator::Settings{.directory = folder_.path().string()});
  listen(where);
  endpoint_ = intake_->endpoint();
}

void ScriptedPresence::listen(const std::string& where) {
  intake_.emplace(
      bench_.reactor, bench_.random, *authenticator_,
      bus::BindSettings{.listen = where, .own = own_.duplicate(), .limits = bus::observation_limits()},
      bus::ObservationIntake::Handlers{.on_gathered = [this] { serve(); }});
}

bus::ConnectSettings ScriptedPresence::settings(const bus::KeyPair& gateway) const {
  return {.endpoints = {endpoint_}, .own = gateway.duplicate(), .server = own_.public_key};
}

void ScriptedPresence::gives_lease_to_another() {
  token_ = "another";
  valid_until_ = bench_.clock.mono() + std::chrono::hours(1);
  state.begin_epoch(state.epoch + 1);
}

void ScriptedPresence::holds(bool held) {
  held_ = held;
  if (!held_) serve();
}

void ScriptedPresence::serve() {
  while (!held_ && intake_) {
    const auto gathered = intake_->take(1'000, 1'000'000);
    if (gathered.empty()) return;
    for (const auto& one : gathered.claims) claim(one);
    for (const auto& one : gathered.batches) store(one);
    for (const auto& one : gathered.releases) release(one);
  }
}

void ScriptedPresence::claim(const bus::ObservationIntake::Claim& claim) {
  const auto now = bench_.clock.mono();
  const auto& frame = claim.frame;
  const bool is_renewal = frame.token == token_;
  if (!is_renewal && now < valid_until_) {
    ++refused;
    const auto rest = std::chrono::ceil<Milliseconds>(valid_until_ - now);
    return intake_->answer(claim.peer, {frame.domain, frame.number, false, state.epoch, 0,
                                        static_cast<std::uint32_t>(rest.count()), "another"});
  }
  is_renewal ? ++renewed : ++granted;
  if (!is_renewal) state.begin_epoch(state.epoch + 1);
  token_ = frame.token;
  valid_until_ = now + valid;
  intake_->answer(claim.peer, {frame.domain, frame.number, true, state.epoch, state.last_sequence,
                               static_cast<std::uint32_t>(valid.count()), ""});
}

void ScriptedPresence::store(const bus::ObservationIntake::Batch& batch) {
  using Status = bus::ObservationsStoredFrame::Status;
  PresenceService::Frame frame{batch.frame.epoch, batch.frame.first_sequence, {}};
  for (const auto& bytes : batch.frame.observations) frame.observations.push_back(read(bytes));
  const auto answer = state.take(frame);
  const auto status = answer == PresenceService::Answer::kStored  ? Status::kStored
                      : answer == PresenceService::Answer::kStale ? Status::kStale
                                                                  : Status::kGap;
  intake_->conclude(batch.peer, {batch.frame.domain, batch.frame.epoch, status, state.last_sequence},
                    batch.frame.observations.size());
}

void ScriptedPresence::release(const bus::ObservationIntake::Release& release) {
  if (release.frame.epoch != state.epoch) return;
  ++released;
  token_.clear();
  valid_until_ = {};
}

}  // namespace rostrum::test
