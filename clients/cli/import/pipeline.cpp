// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/import/pipeline.hpp"

#include <utility>

namespace rostrum::cli::importing {

namespace {

constexpr std::size_t kMostWaiting = 4'096;  // the service's own window

}  // namespace

bool Pipeline::has_room() const {
  return waiting_.size() < kMostWaiting && publisher_.wait_for_credit(std::chrono::milliseconds(0));
}

void Pipeline::put(Event event) {
  auto& waiting = waiting_.emplace_back();
  waiting.packed = publisher_.pack(std::move(event));
  publish(waiting);
}

void Pipeline::put(Outcome outcome) {
  waiting_.emplace_back().outcome = std::move(outcome);
}

/// The same bytes every time: whatever became of the ones before, it is one event.
void Pipeline::publish(Waiting& waiting) {
  waiting.ticket = publisher_.publish(Event::unpack(waiting.packed));
}

std::optional<Outcome> Pipeline::take(std::chrono::milliseconds time) {
  if (waiting_.empty()) return std::nullopt;
  auto& first = waiting_.front();
  auto outcome = first.ticket ? first.ticket->wait_for(time) : first.outcome;
  if (!outcome) return std::nullopt;
  if (outcome->status == Outcome::Status::kNotNow) {
    if (publisher_.wait_for_credit(time)) publish(first);
    return std::nullopt;
  }
  waiting_.pop_front();
  return outcome;
}

}  // namespace rostrum::cli::importing
