// SPDX-License-Identifier: Apache-2.0
#include "common/bus/publisher_core.hpp"

#include <algorithm>
#include <utility>

namespace rostrum::bus {

std::vector<EventOutcome> PublisherCore::welcomed(const WelcomeFrame& welcome) {
  connected_ = true;
  purse_.begin(welcome.credit);
  max_frame_bytes_ = welcome.max_frame_bytes;
  max_batch_ = std::max<std::size_t>(1, welcome.max_batch);
  const std::size_t for_one =
      max_frame_bytes_ - std::min(max_frame_bytes_, kFrameOverheadBytes + size_in_batch(0));
  max_event_bytes_ = std::min<std::size_t>(welcome.max_event_bytes, for_one);
  next_unsent_ = kept_.empty() ? last_ + 1 : kept_.begin()->first;

  // Taken for an intake with other limits; sending it would only break the connection again and again.
  std::vector<EventOutcome> outcomes;
  std::erase_if(kept_, [&](auto& kept) {
    if (kept.second.bytes.size() <= max_event_bytes_) return false;
    sequence_of_.erase(kept.second.id);
    kept_bytes_ -= kept.second.bytes.size();
    outcomes.push_back({kept.second.id, EventOutcome::Status::kRejected,
                        static_cast<int>(EnvelopeRejection::kTooLarge),
                        "this intake takes at most " + std::to_string(max_event_bytes_) + " bytes"});
    return true;
  });
  unsent_ = kept_load();
  return outcomes;
}

void PublisherCore::credited(const CreditFrame& frame) {
  if (connected_) purse_.hear(frame.credit, frame.paused);
}

std::vector<EventOutcome> PublisherCore::concluded(OutcomesFrame frame) {
  using From = OutcomesFrame::Outcome::Status;
  std::vector<EventOutcome> outcomes;
  for (auto& outcome : frame.outcomes) {
    const auto id = EventId::from_bytes(outcome.id);
    const auto sequence = id ? sequence_of_.find(*id) : sequence_of_.end();
    if (sequence == sequence_of_.end() || sequence->second >= next_unsent_) continue;
    const auto kept = kept_.find(sequence->second);
    kept_bytes_ -= kept->second.bytes.size();
    kept_.erase(kept);
    sequence_of_.erase(sequence);
    const auto status = outcome.status == From::kAccepted    ? EventOutcome::Status::kAccepted
                        : outcome.status == From::kDuplicate ? EventOutcome::Status::kDuplicate
                                                             : EventOutcome::Status::kRejected;
    outcomes.push_back({*id, status, outcome.rejection_code, std::move(outcome.text)});
  }
  return outcomes;
}

void PublisherCore::lost() {
  connected_ = false;
  purse_.begin({});
}

Offer PublisherCore::offer(OutgoingEvent event) {
  if (connected_ && event.bytes.size() > max_event_bytes_) return Offer::kTooLarge;
  const Load cost{1, event.bytes.size()};
  if (!cost.fits(room())) return Offer::kNotNow;
  if (!sequence_of_.emplace(event.id, last_ + 1).second) return Offer::kTaken;
  kept_.emplace(++last_, std::move(event));
  kept_bytes_ += cost.bytes;
  unsent_ += cost;
  return Offer::kTaken;
}

std::optional<BatchFrame> PublisherCore::next_batch() {
  BatchFrame batch;
  std::size_t bytes = kFrameOverheadBytes;
  auto next = kept_.lower_bound(next_unsent_);
  while (next != kept_.end() && batch.events.size() < max_batch_) {
    const Load cost{1, next->second.bytes.size()};
    bytes += size_in_batch(cost.bytes);
    if (bytes > max_frame_bytes_ || !purse_.spend(cost)) break;
    batch.events.push_back(next->second.bytes);
    next_unsent_ = next->first + 1;
    unsent_ -= cost;
    ++next;
  }
  if (batch.events.empty()) return std::nullopt;
  return batch;
}

std::size_t PublisherCore::credit() const {
  const auto left = room();
  return left.bytes == 0 ? 0 : static_cast<std::size_t>(left.items);
}

Load PublisherCore::room() const {
  return connected_ ? rest_of(purse_.left(), unsent_) : Load{};
}

}  // namespace rostrum::bus
