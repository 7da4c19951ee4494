// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/core/fold.hpp"

#include <algorithm>
#include <utility>

namespace rostrum::presence {

namespace {

/// A moment as told, but not in the future, and never before what is known to have been earlier.
WallTime placed(WallTime told, WallTime now, const std::optional<WallTime>& not_before) {
  return std::max(std::min(told, now), not_before.value_or(WallTime::min()));
}

}  // namespace

/// A resource while the batch goes over it.
struct Fold::Tracked {
  std::optional<Online> online = {};
  std::optional<WallTime> covered_until = {};
  std::optional<WallTime> last_end = {};
  bool is_stored = false;  ///< there is a row
  bool is_touched = false;
};

Fold::Fold(Lease lease, std::vector<Known> known, WallTime now) : now_(now), history_(std::move(lease)) {
  for (auto& one : known) {
    const bool is_stored = one.online.has_value();
    tracked_.emplace(std::move(one.who),
                     Tracked{std::move(one.online), one.covered_until, one.last_end, is_stored});
  }
}

Fold::~Fold() = default;

Fold::Tracked& Fold::track(const ResourceKey& who) {
  return tracked_.try_emplace(who).first->second;
}

void Fold::add(const Observation& observation, std::int64_t sequence, WallTime at) {
  // Changes come in the order in which they were seen; a row of a snapshot is older than what was told
  // before.
  auto& lease = history_.lease();
  if (observation.age) lease.heard_at = std::max(lease.heard_at, std::min(at, now_));
  if (const auto* available = std::get_if<Available>(&observation.what)) {
    tell(*available, observation.age.has_value(), at);
  } else if (const auto* unavailable = std::get_if<Unavailable>(&observation.what)) {
    tell(*unavailable, at);
  } else if (std::holds_alternative<SnapshotBegan>(observation.what)) {
    begin_snapshot(sequence, at);
  } else if (std::holds_alternative<SnapshotEnded>(observation.what)) {
    end_snapshot();
  } else if (const auto* lost = std::get_if<ViewLost>(&observation.what)) {
    lose_view(lost->reason, at);
  }
}

bool Fold::is_confirmed(const Online& online) const {
  return history_.lease().snapshot > 0 && online.mark == history_.lease().mark();
}

std::optional<WallTime> Fold::covered_until(const Tracked& tracked) const {
  const auto left = marks_left_.find(tracked.online->mark);
  return left == marks_left_.end() ? tracked.covered_until : left->second;
}

void Fold::tell(const Available& available, bool age_is_known, WallTime at) {
  auto& tracked = track(available.who);
  auto& online = tracked.online;
  // Not named in the snapshot that is complete: that session was over already.
  if (online && history_.lease().whole() && !is_confirmed(*online)) {
    tracked.last_end = history_.unseen(*online, covered_until(tracked));
    online.reset();
  }
  online ? stay(tracked, available.appearance, at) : come(tracked, available, age_is_known, at);
}

void Fold::come(Tracked& tracked, const Available& available, bool age_is_known, WallTime at) {
  const auto& lease = history_.lease();
  // While the view was whole it was not there.
  const auto since =
      placed(at, now_, std::max(tracked.last_end, lease.whole() ? std::nullopt : lease.covered_until));
  // What a service that was away was told late may lie before the coverage, which begins when it is stored.
  const bool uncertain = lease.whole() ? lease.covered_until && since < *lease.whole_since
                                       : lease.covered_until || !age_is_known;
  tracked.online = Online{available.who, available.appearance, since, since, uncertain, lease.mark()};
  tracked.is_touched = true;
  history_.came(*tracked.online);
}

void Fold::stay(Tracked& tracked, const Appearance& appearance, WallTime at) {
  auto& online = *tracked.online;
  const bool confirmed = is_confirmed(online);
  if (confirmed && online.appearance == appearance) return;
  if (online.appearance != appearance) {
    const auto not_before = confirmed ? std::nullopt : covered_until(tracked);
    online.appearance = appearance;
    online.since = placed(at, now_, std::max(std::optional(online.since), not_before));
    history_.changed(online, !confirmed);
  }
  if (!confirmed) {
    online.uncertain = true;  // it may have been away meanwhile
    if (history_.lease().snapshot > 0) online.mark = history_.lease().mark();
  }
  tracked.is_touched = true;
}

void Fold::tell(const Unavailable& unavailable, WallTime at) {
  auto& tracked = track(unavailable.who);
  auto& online = tracked.online;
  if (!online) return;
  const bool confirmed = is_confirmed(*online);
  if (!confirmed && history_.lease().whole()) {
    tracked.last_end = history_.unseen(*online, covered_until(tracked));
  } else {
    const auto not_before = confirmed ? std::nullopt : covered_until(tracked);
    tracked.last_end = placed(at, now_, std::max(std::optional(online->since), not_before));
    history_.ended(*online, *tracked.last_end, unavailable.ending, !confirmed);
  }
  online.reset();
  tracked.is_touched = true;
}

void Fold::leave_mark(WallTime at, const std::string& reason) {
  auto& lease = history_.lease();
  if (auto ended = end_coverage(lease, std::min(at, now_), reason)) history_.covered(std::move(*ended));
  marks_left_[lease.mark()] = lease.covered_until;
}

void Fold::begin_snapshot(std::int64_t sequence, WallTime at) {
  leave_mark(at, "snapshot-began");
  history_.lease().snapshot = sequence;
}

// As of now, whenever it ended: of those whom it named without an age no more is known than that they have
// been there since it was told.
void Fold::end_snapshot() {
  auto& lease = history_.lease();
  if (lease.snapshot == 0 || lease.whole()) return;
  lease.whole_since = std::max(now_, lease.covered_until.value_or(now_));
  lease.heard_at = std::max(lease.heard_at, *lease.whole_since);
  lease.swept = false;
  history_.covered({lease.mark(), *lease.whole_since, std::nullopt, ""});
}

void Fold::lose_view(const std::string& reason, WallTime at) {
  if (history_.lease().snapshot == 0) return;
  leave_mark(at, reason);
  history_.lease().snapshot = 0;
}

Changes Fold::finish() && {
  auto changes = std::move(history_).finish();
  for (auto& [who, tracked] : tracked_) {
    if (!tracked.is_touched) continue;
    if (tracked.online) {
      changes.online.push_back(std::move(*tracked.online));
    } else if (tracked.is_stored) {
      changes.gone.push_back(who);
    }
  }
  return changes;
}

}  // namespace rostrum::presence
