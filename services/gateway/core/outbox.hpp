// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "services/gateway/core/observation.hpp"

namespace rostrum::gateway {

/// Observations that have a number, in one epoch: kept until they are stored, said again under the same
/// number after the link was lost.
class Outbox {
 public:
  explicit Outbox(std::size_t domain_bytes) : domain_bytes_(domain_bytes) {}

  /// Keeps nothing of what was; the next number is the one after `stored`.
  void start_over(std::uint64_t stored);
  /// A new conversation: what is beyond `stored` goes out again. False: numbers between are missing, or were
  /// never given; nothing has changed then.
  [[nodiscard]] bool resume(std::uint64_t stored);

  void append(Observation observation) { kept_.push_back({std::move(observation), true}); }
  /// One that has been so since it happened: no news.
  void append_known(Observation observation) { kept_.push_back({std::move(observation), false}); }
  /// All up to this number are stored. False: this number was never given.
  [[nodiscard]] bool confirm(std::uint64_t stored);

  /// The next that this conversation has not carried yet, and counts them as carried; empty when there are
  /// none. A single one goes whatever its size.
  struct Page {
    std::uint64_t first_sequence;
    std::vector<const Observation*> observations;
  };
  [[nodiscard]] Page next(std::size_t most, std::size_t bytes);

  /// When the oldest news that is kept happened, as far as that is known; kUnknownMoment: of none.
  [[nodiscard]] MonoTime oldest() const;
  [[nodiscard]] std::size_t unconfirmed() const { return kept_.size(); }
  [[nodiscard]] std::size_t unsent() const { return kept_.size() - sent_; }

 private:
  struct Kept {
    Observation observation;
    bool is_news;
  };
  std::size_t domain_bytes_;
  std::uint64_t stored_ = 0;  // number of the one before the first that is kept
  std::deque<Kept> kept_;
  std::size_t sent_ = 0;  // of kept_, in this conversation
};

}  // namespace rostrum::gateway
