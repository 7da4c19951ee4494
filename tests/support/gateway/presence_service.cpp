// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/gateway/presence_service.hpp"

namespace rostrum::test {

using gateway::Observation;

PresenceService::Frame PresenceService::copy_of(const gateway::ObservationFrame& frame) {
  Frame copy{frame.epoch, frame.first_sequence, {}};
  for (const auto* one : frame.observations) copy.observations.push_back(*one);
  return copy;
}

void PresenceService::begin_epoch(std::uint64_t number) {
  epoch = number;
  last_sequence = 0;
  snapshot = 0;
  whole = false;
}

PresenceService::Answer PresenceService::take(const Frame& frame) {
  if (frame.epoch != epoch) return Answer::kStale;
  if (frame.first_sequence > last_sequence + 1) return Answer::kMissing;
  auto sequence = frame.first_sequence;
  for (const auto& observation : frame.observations) {
    if (sequence++ <= last_sequence) continue;
    ++last_sequence;
    apply(observation);
  }
  return Answer::kStored;
}

void PresenceService::apply(const Observation& observation) {
  if (const auto* available = std::get_if<Observation::Available>(&observation.what)) {
    rows_.insert_or_assign(available->name.text(), Row{available->state, epoch, snapshot});
    story += "+" + available->name.text() + " ";
  } else if (const auto* unavailable = std::get_if<Observation::Unavailable>(&observation.what)) {
    rows_.erase(unavailable->name.text());
    endings[unavailable->name.text()] = unavailable->how;
    story += "-" + unavailable->name.text() + " ";
  } else if (std::holds_alternative<Observation::SnapshotBegan>(observation.what)) {
    snapshot = last_sequence;
    whole = false;
    story += "[ ";
  } else if (std::holds_alternative<Observation::SnapshotEnded>(observation.what)) {
    whole = snapshot > 0;
    std::erase_if(rows_, [this](const auto& row) {
      return row.second.epoch != epoch || row.second.snapshot != snapshot;
    });
    story += "] ";
  } else {
    snapshot = 0;
    whole = false;
    lost_because = std::get<Observation::ViewLost>(observation.what).reason;
    story += "lost:" + lost_because + " ";
  }
}

std::map<std::string, gateway::ResourceState> PresenceService::online() const {
  std::map<std::string, gateway::ResourceState> online;
  for (const auto& [name, row] : rows_) online.emplace(name, row.state);
  return online;
}

}  // namespace rostrum::test
