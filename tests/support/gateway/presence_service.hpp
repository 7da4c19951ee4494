// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "services/gateway/core/observation.hpp"

namespace rostrum::test {

/// The presence service as far as a reporter can tell: fences by epoch, drops repeats, notices gaps, and
/// holds what follows from observations. Nothing is lost or turned round here; a test does that before.
class PresenceService {
 public:
  enum class Answer { kStored, kStale, kMissing };

  /// What a frame says, copied: the reporter may forget it before it arrives.
  struct Frame {
    std::uint64_t epoch;
    std::uint64_t first_sequence;
    std::vector<gateway::Observation> observations;
  };
  static Frame copy_of(const gateway::ObservationFrame& frame);

  void begin_epoch(std::uint64_t epoch);
  Answer take(const Frame& frame);

  /// Who is online, if the view is whole, by `localpart/resource`.
  [[nodiscard]] std::map<std::string, gateway::ResourceState> online() const;

  std::uint64_t epoch = 0;
  std::uint64_t last_sequence = 0;
  std::uint64_t snapshot = 0;  // 0: none in force
  bool whole = false;
  std::string lost_because;
  std::string story;                                  // everything new, in words
  std::map<std::string, gateway::Departure> endings;  // how each went last

 private:
  struct Row {
    gateway::ResourceState state;
    std::uint64_t epoch;
    std::uint64_t snapshot;
  };
  void apply(const gateway::Observation& observation);

  std::map<std::string, Row> rows_;
};

}  // namespace rostrum::test
