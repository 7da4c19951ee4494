// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "rostrum/publisher.hpp"

namespace rostrum {

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
