// SPDX-License-Identifier: Apache-2.0
#include "common/bus/intake_core.hpp"

#include <algorithm>
#include <map>

#include "common/base/text.hpp"

namespace rostrum::bus {

namespace {

using Outcome = OutcomesFrame::Outcome;
constexpr std::size_t kMaxTextBytes = 256;

/// At most what an outcome takes inside a frame.
std::size_t size_of(const Outcome& outcome) {
  constexpr std::size_t kOtherBytes = 16;
  return outcome.id.size() + outcome.text.size() + kOtherBytes;
}

Outcome outcome_of(const EventIntake::Conclusion& conclusion) {
  using Status = EventIntake::Conclusion::Status;
  switch (conclusion.status) {
    case Status::kAccepted:
      return {conclusion.id.to_bytes(), Outcome::Status::kAccepted};
    case Status::kDuplicate:
      return {conclusion.id.to_bytes(), Outcome::Status::kDuplicate};
    case Status::kRejected:
      break;
  }
  return {conclusion.id.to_bytes(), Outcome::Status::kRejected, conclusion.rejection_code,
          printable(conclusion.text, kMaxTextBytes)};
}

}  // namespace

IntakeCore::IntakeCore(LinkLimits limits, std::string instance, std::vector<std::string> served_types)
    : limits_(limits),
      served_types_(std::make_move_iterator(served_types.begin()),
                    std::make_move_iterator(served_types.end())),
      peers_(LinkKind::kEvent, limits, std::move(instance)) {}

IntakeEffects IntakeCore::receive(const IncomingMessage& message, const AuthorizedKeys& keys, WallTime now) {
  IntakeEffects effects;
  auto work = peers_.receive(message, keys, effects.peers);
  forget_ended(effects);
  if (work) gather(*work, std::get<BatchFrame>(work->frame), now, effects);
  return effects;
}

void IntakeCore::gather(PeerTable::Work& work, BatchFrame& batch, WallTime now, IntakeEffects& effects) {
  const bool was_empty = gathered_.empty();
  Answer rejections;
  for (auto& bytes : batch.events) {
    auto checked = check_envelope(bytes, work.sender, {limits_, served_types_}, now);
    if (checked.ok()) {
      bytes_ += bytes.size();
      gathered_.push_back(
          {work.token, checked.value().id, work.sender.name, checked.value().type, std::move(bytes)});
      continue;
    }
    const auto& fault = checked.error();
    effects.rejected.push_back({fault.type, static_cast<int>(fault.code)});
    if (fault.id.empty()) {
      peers_.refuse(work.token, RefusalCode::kUnreadableId, "an event without a readable id: " + fault.text,
                    effects.peers);
      peers_.write_off(work.token, {1, bytes.size()}, effects.peers);
    } else {
      add(work.token, rejections,
          {fault.id, Outcome::Status::kRejected, static_cast<int>(fault.code),
           printable(fault.text, kMaxTextBytes)},
          bytes.size(), effects.peers);
    }
  }
  send(work.token, rejections, effects.peers);
  effects.gathered = was_empty && !gathered_.empty();
}

std::vector<ReceivedEvent> IntakeCore::take(std::size_t max_events, std::size_t max_bytes) {
  std::vector<ReceivedEvent> events;
  std::size_t bytes = 0;
  while (!gathered_.empty() && events.size() < max_events) {
    const auto size = gathered_.front().bytes.size();
    bytes += size;
    if (!events.empty() && bytes > max_bytes) break;
    bytes_ -= size;
    taken_bytes_.add(gathered_.front().peer, size);
    events.push_back(std::move(gathered_.front()));
    gathered_.pop_front();
  }
  taken_ += events.size();
  return events;
}

IntakeEffects IntakeCore::conclude(const std::vector<EventIntake::Conclusion>& conclusions) {
  ROSTRUM_INVARIANT(conclusions.size() <= taken_);
  taken_ -= conclusions.size();
  std::map<std::uint64_t, Answer> by_peer;
  IntakeEffects effects;
  for (const auto& conclusion : conclusions) {
    const auto peer = conclusion.peer;
    add(peer, by_peer[peer.value], outcome_of(conclusion), taken_bytes_.release(peer), effects.peers);
  }
  for (auto& [token, answer] : by_peer) send({token}, answer, effects.peers);
  return effects;
}

void IntakeCore::add(PeerToken to, Answer& answer, Outcome outcome, std::size_t event_bytes,
                     PeerEffects& effects) {
  const auto size = size_of(outcome);
  if (answer.bytes + size > kAnswersBytes) send(to, answer, effects);
  answer.bytes += size;
  answer.answered += {1, event_bytes};
  answer.frame.outcomes.push_back(std::move(outcome));
}

void IntakeCore::send(PeerToken to, Answer& answer, PeerEffects& effects) {
  if (answer.answered.items == 0) return;
  auto [frame, answered, bytes] = std::exchange(answer, {});
  peers_.answer(to, std::move(frame), answered, effects);
}

IntakeEffects IntakeCore::drop(const std::string& route) {
  IntakeEffects effects;
  peers_.drop(route, effects.peers);
  forget_ended(effects);
  return effects;
}

IntakeEffects IntakeCore::greet_all(const AuthorizedKeys& keys) {
  IntakeEffects effects;
  peers_.greet_all(keys, effects.peers);
  forget_ended(effects);
  return effects;
}

IntakeEffects IntakeCore::set_open(bool open) {
  IntakeEffects effects;
  peers_.set_open(open, effects.peers);
  return effects;
}

IntakeEffects IntakeCore::set_budget(const Load& budget) {
  IntakeEffects effects;
  peers_.set_budget(budget, effects.peers);
  return effects;
}

// Nobody waits for these answers: the peer sends again what it still wants to know. Kept, a peer that comes
// and goes could fill the memory.
void IntakeCore::forget_ended(IntakeEffects& effects) {
  for (const auto token : effects.peers.ended) {
    std::erase_if(gathered_, [&](const ReceivedEvent& event) {
      if (event.peer.value != token.value) return false;
      bytes_ -= event.bytes.size();
      return true;
    });
  }
}

}  // namespace rostrum::bus
