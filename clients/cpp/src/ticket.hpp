// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "rostrum/publisher.hpp"

namespace rostrum {

/// Waiting for longer than a century overflows the clocks of the standard library.
[[nodiscard]] inline std::chrono::milliseconds sane(std::chrono::milliseconds time) {
  return std::min<std::chrono::milliseconds>(time, std::chrono::hours(24 * 365 * 100));
}

/// What the copies of a ticket share. Ended once, from any thread.
class Ticket::State {
 public:
  explicit State(std::string event_id) : event_id_(std::move(event_id)) {}

  [[nodiscard]] const std::string& event_id() const { return event_id_; }
  void end(Outcome outcome);
  [[nodiscard]] std::optional<Outcome> wait_for(std::chrono::milliseconds time) const;

 private:
  const std::string event_id_;
  mutable std::mutex mutex_;
  mutable std::condition_variable ended_;
  std::optional<Outcome> outcome_;
};

}  // namespace rostrum
