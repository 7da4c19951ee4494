// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/core/history.hpp"

#include <algorithm>
#include <utility>

namespace rostrum::presence {

History::History(Lease lease) : changes_{.lease = std::move(lease)} {}

std::int64_t History::note(const ResourceKey& who, WallTime at, std::variant<Appearance, Ending> to,
                           bool uncertain) {
  const auto change = ++lease().last_change;
  changes_.transitions.push_back({change, at, who, std::move(to), uncertain});
  return change;
}

void History::came(const Online& online) {
  note(online.who, online.since, online.appearance, online.uncertain);
  ++changes_.to_online;
}

void History::changed(const Online& online, bool uncertain) {
  note(online.who, online.since, online.appearance, uncertain);
  ++changes_.to_changed;
}

void History::ended(const Online& online, WallTime at, Ending ending, bool uncertain) {
  const auto change = note(online.who, at, ending, uncertain);
  ++changes_.to_offline;
  const Session session{change, online.who, online.began_at, at, ending, online.uncertain || uncertain};
  const Seen seen{online.who.jid, at, session.uncertain};
  const auto [known, is_new] = seen_.emplace(online.who.jid, seen);
  if (!is_new && known->second.at <= at) known->second = seen;
  changes_.sessions.push_back(session);
}

// When it went nobody saw: at the earliest when it was last known to be there.
WallTime History::unseen(const Online& online, const std::optional<WallTime>& covered_until) {
  const auto at = std::max(online.since, covered_until.value_or(online.since));
  ended(online, at, Ending::kUnseen, true);
  return at;
}

void History::covered(Coverage coverage) {
  const auto mark = coverage.mark;
  coverage_.insert_or_assign(mark, std::move(coverage));
}

Changes History::finish() && {
  for (auto& [mark, coverage] : coverage_) changes_.coverage.push_back(std::move(coverage));
  for (auto& [jid, seen] : seen_) changes_.seen.push_back(std::move(seen));
  return std::move(changes_);
}

}  // namespace rostrum::presence
