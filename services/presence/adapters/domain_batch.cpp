// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/adapters/domain_batch.hpp"

#include <algorithm>
#include <utility>

#include "common/base/result.hpp"
#include "services/presence/adapters/observation_reader.hpp"

namespace rostrum::presence {

namespace {

using Status = bus::ObservationsStoredFrame::Status;

Status status_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kStored:
      return Status::kStored;
    case Verdict::kStale:
      return Status::kStale;
    case Verdict::kGap:
      return Status::kGap;
  }
  fail_invariant("a verdict without a status", __FILE__, __LINE__);
}

}  // namespace

DomainBatch::Part DomainBatch::Item::overlap(Part part) const {
  const auto end = begin + observations.size();
  return {std::clamp(part.begin, begin, end), std::clamp(part.end, begin, end)};
}

DomainBatch::Reading DomainBatch::add(const bus::ObservationIntake::Batch& received) {
  Reading reading;
  const auto& told = received.frame;
  auto& item =
      items_.emplace_back(Item{received.peer, static_cast<std::int64_t>(told.epoch),
                               static_cast<std::int64_t>(told.first_sequence), received.arrived, size_});
  item.observations.reserve(told.observations.size());
  for (const auto& bytes : told.observations) {
    auto observation = read_observation(bytes, domain_);
    if (observation) {
      item.observations.emplace_back(std::move(observation).value());
      continue;
    }
    item.observations.emplace_back(std::nullopt);
    if (reading.good()) reading.text = observation.error().text;
    ++(observation.error().flaw == Flaw::kForeign ? reading.foreign : reading.malformed);
  }
  size_ += item.observations.size();
  return reading;
}

std::vector<Frame> DomainBatch::frames(Part part) const {
  std::vector<Frame> frames;
  for (const auto& item : items_) {
    const auto overlap = item.overlap(part);
    if (overlap.size() == 0) continue;
    const auto skipped = overlap.begin - item.begin;
    frames.push_back({item.epoch, item.first_sequence + static_cast<std::int64_t>(skipped),
                      std::span(item.observations).subspan(skipped, overlap.size()), item.arrived});
  }
  return frames;
}

void DomainBatch::answer(Part part, const std::vector<Answer>& answers) {
  auto answer = answers.begin();
  for (auto& item : items_) {
    if (item.overlap(part).size() > 0) item.answer = *answer++;
  }
}

bool DomainBatch::forget(Part part) {
  for (auto& item : items_) {
    const auto overlap = item.overlap(part);
    if (overlap.size() == 0) continue;
    auto& observation = item.observations[overlap.begin - item.begin];
    return std::exchange(observation, std::nullopt).has_value();
  }
  return false;
}

std::vector<DomainBatch::Conclusion> DomainBatch::conclusions() const {
  std::vector<Conclusion> conclusions;
  for (const auto& item : items_) {
    conclusions.push_back({item.peer,
                           {domain_, static_cast<std::uint64_t>(item.epoch), status_of(item.answer.verdict),
                            static_cast<std::uint64_t>(item.answer.last_sequence)},
                           item.observations.size()});
  }
  return conclusions;
}

}  // namespace rostrum::presence
