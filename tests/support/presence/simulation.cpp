// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/presence/simulation.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace rostrum::presence::test {

namespace {

constexpr auto kLength = Milliseconds(10'000);
constexpr std::size_t kPage = 3;

}  // namespace

Simulation::Simulation(std::uint64_t seed, rostrum::test::FakeClock& clock,
                       std::function<void(const Act&)> within)
    : random_(seed), clock_(clock), within_(std::move(within)) {
  for (const char* name : {"anna/desk", "anna/phone", "ben/desk", "carl/desk", "carl/phone", "dora/phone"})
    everybody_.push_back(key(name));
  for (auto& gateway : gateways_) gateway.token = Uuid::make_v4(random_);
}

void Simulation::live(int steps) {
  for (int i = 0; i < steps; ++i) step();
}

void Simulation::step() {
  clock_.advance(Milliseconds(1 + random_.below(200)));
  auto& gateway = gateways_[random_.below(2)];
  switch (random_.below(calm_ ? 12 : 22)) {
    case 0:
      return claim(gateways_[calm_ ? 0 : random_.below(2)]);
    case 1:
    case 2:
    case 3:
      return send_new(gateway);
    case 4:
      return send_again(gateway);
    case 5:
    case 6:
    case 7:
    case 8:
      return deliver();
    case 9:
      return sweep();
    case 10:
      return name_some(gateway);
    case 11:
      return gateway.epoch > 0 && !gateway.sees ? look(gateway, now()) : name_some(gateway);
    case 12:
      return happens(16) ? lose_sight(gateway) : world_changes();
    case 13:
      return happens(16) ? overflow(gateway) : world_changes();
    case 14:
      return happens(30) ? kill(gateway) : world_changes();
    case 15:
      return happens(30) ? clock_.advance(kLength + Milliseconds(random_.below(5'000))) : world_changes();
    case 16:
      return claim(gateways_[0]);
    default:
      return world_changes();
  }
}

void Simulation::come_to_rest() {
  calm_ = true;
  clock_.advance(kLength);
  const auto is_done = [&] {
    bool done = false;
    const auto& owner = gateways_[0];
    within_([&](PresenceStore& store) {
      const auto lease = store.lock(kDomain).lease;
      done = lease && lease->epoch == owner.epoch && lease->whole() && lease->swept && owner.sees &&
             !owner.named && owner.waiting.empty() &&
             lease->last_sequence + 1 ==
                 owner.first_unconfirmed + static_cast<std::int64_t>(owner.unconfirmed.size());
    });
    return done;
  };
  for (int i = 0; i < 5'000 && !is_done(); ++i) step();
}

// --- the world

void Simulation::world_changes() {
  const auto& who = everybody_[random_.below(everybody_.size())];
  const auto is = truth_at(who, now());
  std::optional<Appearance> becomes;
  if (!is || !happens(2)) {
    becomes = appearance(static_cast<Show>(random_.below(5)), static_cast<int>(random_.below(3)),
                         happens(3) ? "busy" : "");
  }
  if (is == becomes) return;
  timeline_[who].emplace_back(now(), becomes);
  for (auto& gateway : gateways_) {
    if (!gateway.sees) continue;
    if (becomes) {
      see(gateway, Available{who, *becomes});
    } else {
      see(gateway, Unavailable{who, happens(2) ? Ending::kLeft : Ending::kDropped});
    }
  }
}

std::optional<Appearance> Simulation::truth_at(const ResourceKey& who, WallTime moment) const {
  const auto found = timeline_.find(who);
  if (found == timeline_.end()) return std::nullopt;
  const auto& changes = found->second;
  const auto beyond = std::upper_bound(changes.begin(), changes.end(), moment,
                                       [](WallTime m, const auto& change) { return m < change.first; });
  return beyond == changes.begin() ? std::nullopt : std::prev(beyond)->second;
}

std::map<ResourceKey, Appearance> Simulation::truth() const {
  std::map<ResourceKey, Appearance> online;
  for (const auto& who : everybody_) {
    if (const auto is = truth_at(who, now())) online.emplace(who, *is);
  }
  return online;
}

bool Simulation::is_blind(WallTime moment) const {
  return std::any_of(blind_.begin(), blind_.end(), [&](const auto& interval) {
    return interval.first <= moment && moment <= interval.second;
  });
}

// --- the gateways

void Simulation::see(Gateway& gateway, decltype(Observation::what) what, bool age_is_told,
                     std::optional<WallTime> happened) {
  gateway.waiting.push_back({happened.value_or(now()), age_is_told, std::move(what)});
}

void Simulation::claim(Gateway& gateway) {
  Decision decision;
  within_([&](PresenceStore& store) {
    decision = take_claim(store, kDomain, {"gateway", gateway.token}, clock_.mono(), kLength);
  });
  if (decision.outcome == Decision::Outcome::kRefused) return disown(gateway);
  if (decision.outcome == Decision::Outcome::kGranted) {
    ++tally_.grants;
    for (auto& other : gateways_) is_forgotten(other);
    disown(gateway);
    gateway.epoch = decision.lease->epoch;
    return;
  }
  hear(gateway, {Verdict::kStored, decision.lease->last_sequence});
}

void Simulation::look(Gateway& gateway, WallTime since) {
  see(gateway, SnapshotBegan{}, true, since);
  gateway.sees = true;
  gateway.named = 0;
}

void Simulation::name_some(Gateway& gateway) {
  if (!gateway.named) return;
  for (auto count = 1 + random_.below(kPage); count > 0 && *gateway.named < everybody_.size(); --count) {
    const auto& who = everybody_[(*gateway.named)++];
    const auto is = truth_at(who, now());
    if (is) see(gateway, Available{who, *is}, !happens(4), timeline_[who].back().first);
  }
  if (*gateway.named < everybody_.size()) return;
  gateway.named.reset();
  see(gateway, SnapshotEnded{});
}

void Simulation::lose_sight(Gateway& gateway) {
  if (!gateway.sees) return;
  see(gateway, ViewLost{"stream-lost"});
  gateway.sees = false;
  gateway.named.reset();
}

/// What it has seen and not yet told is too much: it looks again, and says since when it does not know.
void Simulation::overflow(Gateway& gateway) {
  if (!gateway.sees || gateway.waiting.empty()) return;
  auto since = now();
  for (const auto& one : gateway.waiting) since = std::min(since, one.happened);
  gateway.waiting.clear();
  look(gateway, since);
}

void Simulation::kill(Gateway& gateway) {
  ++tally_.kills;
  is_forgotten(gateway);
  gateway = {Uuid::make_v4(random_)};
}

void Simulation::disown(Gateway& gateway) {
  if (gateway.epoch > 0) is_forgotten(gateway);
  gateway = {gateway.token};
}

void Simulation::is_forgotten(const Gateway& gateway) {
  for (const auto* seen : {&gateway.unconfirmed, &gateway.waiting}) {
    for (const auto& one : *seen) blind_.emplace_back(one.happened, now());
  }
}

// --- on the way

void Simulation::send_new(Gateway& gateway) {
  if (gateway.epoch == 0 || gateway.waiting.empty()) return;
  const auto count = std::min<std::size_t>(1 + random_.below(8), gateway.waiting.size());
  const auto first = gateway.first_unconfirmed + static_cast<std::int64_t>(gateway.unconfirmed.size());
  std::vector<Seen> seen(gateway.waiting.begin(),
                         gateway.waiting.begin() + static_cast<std::ptrdiff_t>(count));
  gateway.waiting.erase(gateway.waiting.begin(),
                        gateway.waiting.begin() + static_cast<std::ptrdiff_t>(count));
  gateway.unconfirmed.insert(gateway.unconfirmed.end(), seen.begin(), seen.end());
  if (calm_ || !happens(10)) send(gateway, first, std::move(seen));  // or it is lost
}

void Simulation::send_again(Gateway& gateway) {
  if (gateway.epoch == 0 || gateway.unconfirmed.empty()) return;
  send(gateway, gateway.first_unconfirmed, {gateway.unconfirmed.begin(), gateway.unconfirmed.end()});
}

void Simulation::send(const Gateway& gateway, std::int64_t first, std::vector<Seen> seen) {
  auto& instance = instances_[random_.below(2)];
  instance.push_back({gateway.epoch, first, std::move(seen), now(), clock_.mono()});
  if (!calm_ && happens(4)) std::swap(instance.front(), instance[random_.below(instance.size())]);
}

void Simulation::deliver() {
  auto& instance = instances_[random_.below(2)];
  if (instance.empty()) return;
  const auto count = std::min<std::size_t>(1 + random_.below(3), instance.size());
  std::vector<Packet> packets(instance.begin(), instance.begin() + static_cast<std::ptrdiff_t>(count));
  if (calm_ || !happens(4))
    instance.erase(instance.begin(), instance.begin() + static_cast<std::ptrdiff_t>(count));
  std::vector<std::vector<std::optional<Observation>>> told;
  std::vector<Frame> frames;
  for (const auto& packet : packets) {
    auto& observations = told.emplace_back();
    for (const auto& one : packet.seen)
      observations.emplace_back(
          Observation{one.age_is_told ? std::optional(packet.sent - one.happened) : std::nullopt, one.what});
  }
  for (std::size_t i = 0; i < packets.size(); ++i)
    frames.push_back({packets[i].epoch, packets[i].first, told[i], packets[i].arrived});
  Recorded recorded;
  within_([&](PresenceStore& store) { recorded = record(store, kDomain, frames); });
  tally_.stale += static_cast<int>(recorded.tally.stale);
  tally_.gaps += static_cast<int>(recorded.tally.behind_gap);
  tally_.repeats += static_cast<int>(recorded.tally.repeats);
  for (std::size_t i = 0; i < packets.size(); ++i) {
    for (auto& gateway : gateways_) {
      const bool is_lost = !calm_ && happens(5);
      if (gateway.epoch == packets[i].epoch && !is_lost) hear(gateway, recorded.answers[i]);
    }
  }
}

void Simulation::hear(Gateway& gateway, const Answer& answer) {
  if (answer.verdict == Verdict::kStale) return disown(gateway);
  while (!gateway.unconfirmed.empty() && gateway.first_unconfirmed <= answer.last_sequence) {
    gateway.unconfirmed.pop_front();
    ++gateway.first_unconfirmed;
  }
  if (answer.verdict == Verdict::kGap) send_again(gateway);
}

void Simulation::sweep() {
  within_([&](PresenceStore& store) {
    const auto lease = store.lock(kDomain).lease;
    if (!lease) return;
    if (lease->mark() != swept_mark_) swept_until_.reset();
    swept_mark_ = lease->mark();
    const auto swept = sweep_some(store, kDomain, swept_mark_, swept_until_, kPage);
    swept_until_ = swept.last;
    tally_.swept += static_cast<int>(swept.closed);
  });
}

}  // namespace rostrum::presence::test
