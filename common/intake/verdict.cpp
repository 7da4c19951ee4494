// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/intake/verdict.hpp"

#include <string_view>
#include <unordered_map>
#include <utility>

namespace rostrum::intake {
namespace {

bus::EventIntake::Conclusion::Status status_of(Verdict::Status status) {
  using Status = bus::EventIntake::Conclusion::Status;
  switch (status) {
    case Verdict::Status::kAccepted:
      return Status::kAccepted;
    case Verdict::Status::kDuplicate:
      return Status::kDuplicate;
    case Verdict::Status::kRejected:
      break;
  }
  return Status::kRejected;
}

}  // namespace

bus::EventIntake::Conclusion conclusion_of(const bus::ReceivedEvent& event, Verdict verdict) {
  bus::EventIntake::Conclusion conclusion{event.peer, event.id, status_of(verdict.status)};
  if (verdict.rejection) {
    conclusion.rejection_code = verdict.rejection->code;
    conclusion.text = std::move(verdict.rejection->text);
  }
  return conclusion;
}

std::vector<std::size_t> find_firsts(std::span<const Identity> events) {
  using Key = std::pair<std::string_view, EventId>;
  // One source is the rule: its name would tell nothing apart.
  const auto hash = [](const Key& key) { return std::hash<EventId>{}(key.second); };
  std::unordered_map<Key, std::size_t, decltype(hash)> seen(events.size(), hash);
  std::vector<std::size_t> firsts;
  firsts.reserve(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    firsts.push_back(seen.try_emplace({events[i].source, events[i].id}, i).first->second);
  }
  return firsts;
}

Verdict verdict_of_repeat(const Identity& repeat, const Identity& first, const Verdict& verdict_of_first) {
  if (repeat.digest != first.digest) return Verdict::rejected(id_reused());
  if (verdict_of_first.status == Verdict::Status::kRejected) return verdict_of_first;
  return Verdict::duplicate();
}

Rejection id_reused() {
  return {v1::REJECTION_CODE_ID_REUSED,
          "this event id was used before with other content; give every event its own id"};
}

}  // namespace rostrum::intake
