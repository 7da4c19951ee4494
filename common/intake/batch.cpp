// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/intake/batch.hpp"

#include <iterator>
#include <utility>

#include "common/base/result.hpp"

namespace rostrum::intake {

Batch::Batch(std::vector<bus::ReceivedEvent> received) : received_(std::move(received)) {
  items_.reserve(received_.size());
  for (const auto& event : received_) items_.push_back({event.bytes.size()});
}

void Batch::read(const Check& check) {
  for (std::size_t index = 0; index < items_.size(); ++index) read(index, check);
}

void Batch::append(Batch&& more) {
  received_.insert(received_.end(), std::make_move_iterator(more.received_.begin()),
                   std::make_move_iterator(more.received_.end()));
  items_.insert(items_.end(), std::make_move_iterator(more.items_.begin()),
                std::make_move_iterator(more.items_.end()));
}

bus::Load Batch::load(pg::SplitPlan::Part part) const {
  bus::Load sum;
  for (auto index = part.begin; index < part.end; ++index) sum += {1, items_[index].bytes};
  return sum;
}

Batch Batch::again(std::size_t index, EventId id) const {
  Batch one({received_[index]});
  one.items_.front() = items_[index];
  one.received_.front().id = id;
  one.items_.front().event->id = id;
  return one;
}

/// Once per event, however often its transaction is repeated. The bytes are not needed any more then.
void Batch::read(std::size_t index, const Check& check) {
  auto& item = items_[index];
  if (item.event || item.rejection) return;
  auto& received = received_[index];
  const std::string bytes = std::exchange(received.bytes, {});
  item.digest = digest_of(bytes);
  v1::Event event;
  if (!event.ParseFromString(bytes)) {
    item.rejection =
        Rejection{v1::REJECTION_CODE_MALFORMED, "not an Event; docs/protocol.md describes its fields"};
    return;
  }
  IntakeEvent candidate{received.id, received.source, received.type, std::move(event)};
  item.rejection = check(candidate);
  if (!item.rejection) item.event = std::move(candidate);
}

std::vector<Verdict> Batch::commit(EventStore& store, pg::SplitPlan::Part part) {
  const Check check = [&store](const IntakeEvent& event) { return store.check(event); };
  std::vector<Identity> identities;
  identities.reserve(part.size());
  for (auto index = part.begin; index < part.end; ++index) {
    read(index, check);
    const auto& received = received_[index];
    identities.push_back({received.id, received.source, items_[index].digest});
  }
  const auto firsts = find_firsts(identities);
  std::vector<Verdict> verdicts(identities.size());

  // Good in themselves, and each id once: these are asked of the ledger.
  std::vector<std::size_t> asked_at;
  asked_at.reserve(identities.size());
  for (std::size_t i = 0; i < identities.size(); ++i) {
    const auto& item = items_[part.begin + i];
    if (item.rejection) {
      verdicts[i] = Verdict::rejected(*item.rejection);
    } else if (firsts[i] == i) {
      asked_at.push_back(i);
    }
  }
  std::vector<Identity> some;
  if (asked_at.size() < identities.size()) {
    for (const auto i : asked_at) some.push_back(identities[i]);
  }
  const auto& asked = asked_at.size() < identities.size() ? some : identities;
  const auto entries = asked.empty() ? std::vector<Ledger::Entry>{} : store.enter(asked);

  // New ones are what the domain gets, in the order of their arrival.
  std::vector<const IntakeEvent*> fresh;
  std::vector<std::size_t> fresh_at;
  for (std::size_t k = 0; k < entries.size(); ++k) {
    const auto i = asked_at[k];
    if (entries[k] == Ledger::Entry::kNew) {
      fresh.push_back(&*items_[part.begin + i].event);
      fresh_at.push_back(i);
    } else {
      verdicts[i] =
          entries[k] == Ledger::Entry::kDuplicate ? Verdict::duplicate() : Verdict::rejected(id_reused());
    }
  }
  if (!fresh.empty()) {
    auto rejections = store.apply(fresh);
    ROSTRUM_INVARIANT(rejections.size() == fresh.size());
    std::vector<Identity> withdrawn;
    for (std::size_t k = 0; k < fresh.size(); ++k) {
      if (!rejections[k]) continue;
      verdicts[fresh_at[k]] = Verdict::rejected(std::move(*rejections[k]));
      withdrawn.push_back(identities[fresh_at[k]]);
    }
    store.withdraw(withdrawn);
  }
  for (std::size_t i = 0; i < firsts.size(); ++i) {
    if (firsts[i] != i)
      verdicts[i] = verdict_of_repeat(identities[i], identities[firsts[i]], verdicts[firsts[i]]);
  }
  return verdicts;
}

}  // namespace rostrum::intake
