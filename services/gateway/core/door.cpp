// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/door.hpp"

#include <algorithm>

namespace rostrum::gateway {

Outcome outcome_of(const DoorReply& reply) {
  if (reply.good) return {Ending::kDone, reply.condition, {}};
  // What says something about the server's hour, or about the door as a whole, says nothing about this
  // account.
  const bool is_passing = reply.error_type == "wait" || reply.condition == "internal-server-error" ||
                          reply.condition == "resource-constraint" ||
                          reply.condition == "service-unavailable" ||
                          reply.condition == "feature-not-implemented" || reply.condition == "forbidden";
  return {is_passing ? Ending::kRetry : Ending::kFailed, reply.condition, reply.text};
}

Door::Effects Door::ask(const Uuid& command, DoorRequest content, MonoTime deadline, MonoTime now) {
  Effects effects;
  if (stopping_) {
    effects.emplace_back(Answer{command, retry("stopping")});
  } else if (!open_) {
    effects.emplace_back(Answer{command, retry(shut_because_)});
  } else if (waiting_.size() >= limits_.waiting) {
    effects.emplace_back(Answer{command, retry("busy")});
  } else {
    waiting_.push_back({command, std::move(content), deadline});
    advance(effects, now);
  }
  return effects;
}

Door::Effects Door::opened(MonoTime now) {
  open_ = true;
  Effects effects;
  advance(effects, now);
  return effects;
}

Door::Effects Door::closed(const std::string& condition) {
  open_ = false;
  shut_because_ = condition;
  Effects effects;
  for (auto& [request, asked] : asked_) effects.emplace_back(Answer{asked.command, unknown("stream-lost")});
  asked_.clear();
  release_waiting(effects, condition);
  return effects;
}

Door::Effects Door::replied(std::uint64_t request, const DoorReply& reply, MonoTime now) {
  Effects effects;
  if (const auto asked = asked_.find(request); asked != asked_.end()) {
    effects.emplace_back(Answer{asked->second.command, outcome_of(reply)});
    asked_.erase(asked);
  }
  advance(effects, now);
  return effects;
}

Door::Effects Door::stop() {
  stopping_ = true;
  Effects effects;
  release_waiting(effects, "stopping");
  return effects;
}

Door::Effects Door::tick(MonoTime now) {
  Effects effects;
  const auto asked_before = asked_.size();
  for (auto asked = asked_.begin(); asked != asked_.end();) {
    if (now < asked->second.deadline) {
      ++asked;
      continue;
    }
    effects.emplace_back(Answer{asked->second.command, unknown("no-answer")});
    asked = asked_.erase(asked);
  }
  if (asked_.size() != asked_before) {
    effects.emplace_back(GiveUpStream{});
    return effects;  // nothing more is begun on it
  }
  const auto expired = std::stable_partition(waiting_.begin(), waiting_.end(),
                                             [&](const Waiting& one) { return one.deadline > now; });
  for (auto one = expired; one != waiting_.end(); ++one)
    effects.emplace_back(Answer{one->command, retry("expired")});
  waiting_.erase(expired, waiting_.end());
  advance(effects, now);
  return effects;
}

void Door::advance(Effects& effects, MonoTime now) {
  while (open_ && !waiting_.empty() && asked_.size() < limits_.in_flight) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    if (next.deadline <= now) {
      effects.emplace_back(Answer{next.command, retry("expired")});
      continue;
    }
    const auto request = next_request_++;
    asked_.emplace(request, Asked{next.command, now + limits_.answer_deadline});
    effects.emplace_back(Transmit{request, std::move(next.content)});
  }
}

void Door::release_waiting(Effects& effects, const std::string& condition) {
  for (auto& one : waiting_) effects.emplace_back(Answer{one.command, retry(condition)});
  waiting_.clear();
}

}  // namespace rostrum::gateway
