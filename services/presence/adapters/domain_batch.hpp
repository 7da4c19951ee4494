// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "common/bus/observation_intake.hpp"
#include "common/pg/split_plan.hpp"
#include "services/presence/adapters/meter.hpp"
#include "services/presence/core/transactions.hpp"

namespace rostrum::presence {

/// Frames of one domain taken together, read, on their way through one or more transactions.
class DomainBatch {
 public:
  using Part = pg::SplitPlan::Part;  ///< of the observations of all frames, one after the other
  struct Reading {
    std::size_t malformed = 0;
    std::size_t foreign = 0;
    std::string text;  ///< what is wrong with the first of them
    [[nodiscard]] bool good() const { return malformed + foreign == 0; }
  };

  explicit DomainBatch(std::string domain) : domain_(std::move(domain)) {}

  /// Reads a frame's observations; what cannot be believed is left out, and keeps its number.
  Reading add(const bus::ObservationIntake::Batch& received);

  [[nodiscard]] const std::string& domain() const { return domain_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// The frames of a part, the first and the last cut to it; they hold until the next forget().
  [[nodiscard]] std::vector<Frame> frames(Part part) const;
  /// What became of them.
  void answer(Part part, const std::vector<Answer>& answers);
  /// Leaves out the one observation of this part, which the database refuses. False: it was left out before.
  bool forget(Part part);

  /// A frame's answer: that of its last part.
  struct Conclusion {
    bus::PeerToken peer;
    bus::ObservationsStoredFrame stored;
    std::size_t count;
  };
  [[nodiscard]] std::vector<Conclusion> conclusions() const;

 private:
  struct Item {
    bus::PeerToken peer;
    std::int64_t epoch;
    std::int64_t first_sequence;
    MonoTime arrived;
    std::size_t begin;  ///< of its observations among those of all frames
    std::vector<std::optional<Observation>> observations = {};
    Answer answer{Verdict::kStale, 0};
    [[nodiscard]] Part overlap(Part part) const;
  };
  std::string domain_;
  std::vector<Item> items_;
  std::size_t size_ = 0;
};

}  // namespace rostrum::presence
