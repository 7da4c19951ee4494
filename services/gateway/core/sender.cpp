// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/sender.hpp"

#include <algorithm>

namespace rostrum::gateway {

Sender::Effects Sender::send(const Uuid& command, OutgoingMessage message, MonoTime deadline, MonoTime now) {
  Effects effects;
  if (stopping_) {
    effects.emplace_back(Answer{command, retry("stopping")});
  } else if (!online_) {
    effects.emplace_back(Answer{command, retry("not-connected")});
  } else if (waiting_.size() >= limits_.waiting) {
    effects.emplace_back(Answer{command, retry("busy")});
  } else {
    waiting_.push_back({command, std::move(message), deadline});
    advance(effects, now);
  }
  return effects;
}

Sender::Effects Sender::stream_opened(MonoTime now) {
  online_ = true;
  writable_ = true;
  position_ = 0;
  Effects effects;
  advance(effects, now);
  return effects;
}

Sender::Effects Sender::stream_lost() {
  online_ = false;
  barriers_.clear();
  Effects effects;
  for (auto& sent : unconfirmed_) effects.emplace_back(Answer{sent.command, unknown("stream-lost")});
  unconfirmed_.clear();
  unconfirmed_bytes_ = 0;
  release_waiting(effects, "not-connected");
  return effects;
}

Sender::Effects Sender::barrier_reached(std::uint64_t number, MonoTime now) {
  Effects effects;
  while (!barriers_.empty() && barriers_.front().number <= number) {
    const auto covered = barriers_.front().position;
    barriers_.pop_front();
    while (!unconfirmed_.empty() && unconfirmed_.front().position <= covered) {
      effects.emplace_back(Answer{unconfirmed_.front().command, done()});
      unconfirmed_bytes_ -= unconfirmed_.front().bytes;
      unconfirmed_.pop_front();
    }
  }
  advance(effects, now);
  return effects;
}

Sender::Effects Sender::set_writable(bool writable, MonoTime now) {
  writable_ = writable;
  Effects effects;
  advance(effects, now);
  return effects;
}

Sender::Effects Sender::stop() {
  stopping_ = true;
  Effects effects;
  release_waiting(effects, "stopping");
  return effects;
}

Sender::Effects Sender::tick(MonoTime now) {
  Effects effects;
  if (!unconfirmed_.empty() && now >= unconfirmed_.front().deadline) {
    effects.emplace_back(GiveUpStream{});
    return effects;
  }
  // Also those behind others that still have time: each must hear in time that it was not started.
  const auto expired = std::stable_partition(waiting_.begin(), waiting_.end(),
                                             [&](const Waiting& one) { return one.deadline > now; });
  for (auto one = expired; one != waiting_.end(); ++one)
    effects.emplace_back(Answer{one->command, retry("expired")});
  waiting_.erase(expired, waiting_.end());
  advance(effects, now);
  return effects;
}

void Sender::advance(Effects& effects, MonoTime now) {
  while (online_ && writable_ && !waiting_.empty() && has_room()) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    if (next.deadline <= now) {
      effects.emplace_back(Answer{next.command, retry("expired")});
      continue;
    }
    const auto bytes = next.message.subject.size() + next.message.body.size();
    unconfirmed_.push_back({next.command, ++position_, bytes, now + limits_.confirmation_deadline});
    unconfirmed_bytes_ += bytes;
    effects.emplace_back(Transmit{std::move(next.message)});
    if (!barriers_.empty() && position_ - barriers_.back().position >= limits_.barrier_every) ask(effects);
  }
  // A lone message is asked for at once; while an answer is on its way the next ones gather behind it.
  if (barriers_.empty() && !unconfirmed_.empty()) ask(effects);
}

bool Sender::has_room() const {
  return unconfirmed_.empty() ||
         (unconfirmed_.size() < limits_.unconfirmed && unconfirmed_bytes_ < limits_.unconfirmed_bytes);
}

void Sender::ask(Effects& effects) {
  barriers_.push_back({next_barrier_, position_});
  effects.emplace_back(AskBarrier{next_barrier_++});
}

void Sender::release_waiting(Effects& effects, const std::string& condition) {
  for (auto& one : waiting_) effects.emplace_back(Answer{one.command, retry(condition)});
  waiting_.clear();
}

}  // namespace rostrum::gateway
