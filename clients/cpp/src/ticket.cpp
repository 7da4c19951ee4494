// SPDX-License-Identifier: Apache-2.0
#include "clients/cpp/src/ticket.hpp"

#include <utility>

namespace rostrum {

void Ticket::State::end(Outcome outcome) {
  const std::lock_guard lock(mutex_);
  if (outcome_) return;
  outcome_ = std::move(outcome);
  ended_.notify_all();
}

std::optional<Outcome> Ticket::State::wait_for(std::chrono::milliseconds time) const {
  std::unique_lock lock(mutex_);
  // Waiting for no time at all would still hand the processor to somebody else.
  if (time > std::chrono::milliseconds(0))
    ended_.wait_for(lock, sane(time), [this] { return outcome_.has_value(); });
  return outcome_;
}

const std::string& Ticket::event_id() const {
  return state_->event_id();
}
std::optional<Outcome> Ticket::outcome() const {
  return state_->wait_for(std::chrono::milliseconds(0));
}
std::optional<Outcome> Ticket::wait_for(std::chrono::milliseconds time) const {
  return state_->wait_for(time);
}

std::string describe(const Outcome& outcome) {
  const auto with = [&outcome](const char* word) {
    return outcome.text.empty() ? std::string(word) : word + (": " + outcome.text);
  };
  switch (outcome.status) {
    case Outcome::Status::kAccepted:
      return "accepted";
    case Outcome::Status::kDuplicate:
      return "accepted before";
    case Outcome::Status::kRejected:
      return with(("rejected (" + outcome.code + ")").c_str());
    case Outcome::Status::kNotNow:
      return with("not now");
    case Outcome::Status::kClosed:
      return with("closed");
  }
  return {};
}

}  // namespace rostrum
