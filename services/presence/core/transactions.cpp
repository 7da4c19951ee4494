// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/core/transactions.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "services/presence/core/fold.hpp"
#include "services/presence/core/sweep.hpp"

namespace rostrum::presence {

namespace {

/// When something came in that has waited since, by the clock that all share.
WallTime arrival(const PresenceStore::Locked& locked, MonoTime arrived) {
  return locked.now - std::chrono::duration_cast<Milliseconds>(locked.mono - arrived);
}

/// A frame's observations that are new, and what their numbers and times count from.
struct News {
  std::span<const std::optional<Observation>> observations;
  std::int64_t first_sequence;
  WallTime arrived;
};

/// Frames looked at one after the other, as if each were stored before the next.
struct Admitted {
  Lease lease;
  std::vector<News> news = {};
  Recorded recorded = {};

  void take(const Frame& frame, WallTime arrived) {
    const auto count = frame.observations.size();
    const auto [verdict, repeats] = admit(lease, frame.epoch, frame.first_sequence, count);
    auto& tally = recorded.tally;
    switch (verdict) {
      case Verdict::kStale:
        tally.stale += count;
        recorded.answers.push_back({verdict, 0});
        return;
      case Verdict::kGap:
        tally.behind_gap += count;
        break;
      case Verdict::kStored:
        tally.repeats += repeats;
        lease.last_sequence += static_cast<std::int64_t>(count - repeats);
        if (repeats < count) {
          news.push_back({frame.observations.subspan(repeats),
                          frame.first_sequence + static_cast<std::int64_t>(repeats), arrived});
        }
        break;
    }
    recorded.answers.push_back({verdict, lease.last_sequence});
  }
};

std::vector<ResourceKey> subjects_of(const std::vector<News>& news) {
  std::vector<ResourceKey> keys;
  for (const auto& part : news) {
    for (const auto& observation : part.observations) {
      if (const auto* who = observation ? subject_of(*observation) : nullptr) keys.push_back(*who);
    }
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

void add(Fold& fold, const News& news, Tally& tally) {
  auto sequence = news.first_sequence;
  for (const auto& observation : news.observations) {
    if (observation) {
      fold.add(*observation, sequence, news.arrived - observation->age.value_or(Milliseconds(0)));
      ++tally.observations[observation->what.index()];
    }
    ++sequence;
  }
}

}  // namespace

Decision take_claim(PresenceStore& store, const std::string& domain, const Claim& claim, MonoTime arrived,
                    Milliseconds length) {
  const auto locked = store.lock(domain);
  auto decision = decide(claim, locked.lease, locked.now, arrival(locked, arrived), length);
  if (decision.outcome == Decision::Outcome::kGranted || decision.outcome == Decision::Outcome::kRenewed) {
    Changes changes{.lease = *decision.lease};
    if (decision.closed) changes.coverage.push_back(*decision.closed);
    store.write(domain, changes);
  }
  return decision;
}

bool take_release(PresenceStore& store, const std::string& domain, std::int64_t epoch) {
  const auto locked = store.lock(domain);
  if (!locked.lease) return false;
  const auto free = give_back(*locked.lease, epoch, locked.now);
  if (free) store.write(domain, {.lease = *free});
  return free.has_value();
}

Recorded record(PresenceStore& store, const std::string& domain, std::span<const Frame> frames) {
  const auto locked = store.lock(domain);
  Admitted admitted{locked.lease.value_or(Lease{.epoch = 0})};  // 0: no frame's
  for (const auto& frame : frames) admitted.take(frame, arrival(locked, frame.arrived));
  auto recorded = std::move(admitted.recorded);
  if (admitted.news.empty()) return recorded;

  const auto keys = subjects_of(admitted.news);
  Fold fold(admitted.lease,
            keys.empty() ? std::vector<Known>{} : store.read(domain, locked.lease->mark(), keys), locked.now);
  for (const auto& news : admitted.news) add(fold, news, recorded.tally);
  const auto changes = std::move(fold).finish();
  store.write(domain, changes);
  recorded.tally.to_online = changes.to_online;
  recorded.tally.to_changed = changes.to_changed;
  recorded.tally.to_offline = changes.to_offline;
  return recorded;
}

Swept sweep_some(PresenceStore& store, const std::string& domain, Mark mark,
                 const std::optional<ResourceKey>& after, std::size_t most) {
  const auto locked = store.lock(domain);
  if (!locked.lease || !locked.lease->whole() || locked.lease->mark() != mark) return {0, std::nullopt};
  const auto unseen = store.read_unseen(domain, mark, after, most);
  const bool last = unseen.size() < most;
  store.write(domain, sweep(*locked.lease, unseen, last));
  return {unseen.size(), last ? std::nullopt : std::optional(unseen.back().who)};
}

}  // namespace rostrum::presence
