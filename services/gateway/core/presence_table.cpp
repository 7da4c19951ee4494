// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/presence_table.hpp"

namespace rostrum::gateway {

PresenceTable::Came PresenceTable::came(const ResourceName& name, const ResourceState& state,
                                        MonoTime since) {
  const auto place = entries_.lower_bound(name);
  if (place == entries_.end() || place->first != name) {
    if (entries_.size() >= most_resources_) return Came::kFull;
    entries_.emplace_hint(place, name, Entry{state.status, since, round_, state.show, state.priority});
    return Came::kNew;
  }
  auto& entry = place->second;
  entry.round = round_;
  if (entry.show == state.show && entry.priority == state.priority && entry.status == state.status)
    return Came::kSame;
  entry.status = state.status;
  entry.status.shrink_to_fit();
  entry.since = since;
  entry.show = state.show;
  entry.priority = state.priority;
  return Came::kChanged;
}

bool PresenceTable::went(const ResourceName& name) {
  return entries_.erase(name) == 1;
}

std::size_t PresenceTable::end_naming() {
  return std::erase_if(entries_, [this](const auto& one) { return one.second.round != round_; });
}

std::vector<ResourceName> PresenceTable::resources_of(std::string_view localpart) const {
  std::vector<ResourceName> names;
  for (auto at = entries_.lower_bound(ResourceName(localpart, {}));
       at != entries_.end() && at->first.localpart() == localpart; ++at)
    names.push_back(at->first);
  return names;
}

const PresenceTable::Entry* PresenceTable::find(const ResourceName& name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

const PresenceTable::Entries::value_type* PresenceTable::next_after(
    const std::optional<ResourceName>& name) const {
  const auto next = name ? entries_.upper_bound(*name) : entries_.begin();
  return next == entries_.end() ? nullptr : &*next;
}

}  // namespace rostrum::gateway
