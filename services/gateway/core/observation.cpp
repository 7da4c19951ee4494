// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/observation.hpp"

#include <array>

namespace rostrum::gateway {

std::size_t most_bytes(const Observation& observation, std::size_t domain_bytes) {
  constexpr std::size_t kAround = 64;  // tags, lengths and numbers of all fields, and the length before it
  if (const auto* available = std::get_if<Observation::Available>(&observation.what))
    return kAround + available->name.text().size() + domain_bytes + available->state.status.size();
  if (const auto* unavailable = std::get_if<Observation::Unavailable>(&observation.what))
    return kAround + unavailable->name.text().size() + domain_bytes;
  if (const auto* lost = std::get_if<Observation::ViewLost>(&observation.what))
    return kAround + lost->reason.size();
  return kAround;
}

std::string_view label(const Observation::What& what) {
  constexpr std::array<std::string_view, std::variant_size_v<Observation::What>> kLabels = {
      "available", "unavailable", "snapshot_began", "snapshot_ended", "view_lost"};
  return kLabels.at(what.index());
}

}  // namespace rostrum::gateway
