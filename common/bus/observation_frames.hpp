// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rostrum::bus {

/// The frames of the observation link as values (proto/rostrum/v1/presence.proto says what each field means).
struct LeaseClaimFrame {
  std::string domain;
  std::string token;
  std::uint64_t number;
  std::uint64_t behind_ms = 0;
};
struct LeaseReleaseFrame {
  std::string domain;
  std::uint64_t epoch;
};
struct LeaseAnswerFrame {
  std::string domain;
  std::uint64_t number;
  bool granted;
  std::uint64_t epoch;
  std::uint64_t last_sequence;
  std::uint32_t valid_ms;
  std::string owner;
};
struct ObservationsFrame {
  std::string domain;
  std::uint64_t epoch;
  std::uint64_t first_sequence;
  std::vector<std::string> observations;  ///< each a serialised rostrum.v1.Observation
};
struct ObservationsStoredFrame {
  enum class Status { kStored, kStale, kGap };
  std::string domain;
  std::uint64_t epoch;
  Status status;
  std::uint64_t last_sequence;
};

}  // namespace rostrum::bus
