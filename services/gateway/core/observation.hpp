// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "services/gateway/core/presence.hpp"

namespace rostrum::gateway {

/// One thing that was seen and is to be told to the presence service (presence.proto, Observation).
struct Observation {
  struct Available {
    ResourceName name;
    ResourceState state;
  };
  struct Unavailable {
    ResourceName name;
    Departure how;
  };
  struct SnapshotBegan {};
  struct SnapshotEnded {};
  struct ViewLost {
    std::string reason;
  };
  using What = std::variant<Available, Unavailable, SnapshotBegan, SnapshotEnded, ViewLost>;

  What what;
  MonoTime happened;  ///< kUnknownMoment: nobody told
};

/// Observations as they go out together. The pointers hold until the next change of what they came from.
struct ObservationFrame {
  std::uint64_t epoch;
  std::uint64_t first_sequence;
  std::vector<const Observation*> observations;
};

/// No less than the bytes it takes as presence.proto's Observation.
[[nodiscard]] std::size_t most_bytes(const Observation& observation, std::size_t domain_bytes);

/// For metrics: `available`, `snapshot_began`, …
[[nodiscard]] std::string_view label(const Observation::What& what);

}  // namespace rostrum::gateway
