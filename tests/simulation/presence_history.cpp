// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/presence_history.hpp"

#include <utility>

#include "common/bus/message_types.hpp"

namespace rostrum::simulation {

namespace {

constexpr Milliseconds kTroubled{20'000};
/// So long what was seen may take from a gateway to the service, and be taken for that much later.
constexpr Milliseconds kOnItsWay = kLongestStall + Milliseconds(200);
constexpr Milliseconds kLongestEnd{60'000};

const bus::AuthorizedKeys& peers() {
  static const bus::AuthorizedKeys kKeys(
      {{"gateway-1", bus::make_key_pair().public_key, {bus::kPresenceObserved}},
       {"gateway-2", bus::make_key_pair().public_key, {bus::kPresenceObserved}}});
  return kKeys;
}

std::string words(const presence::ResourceKey& who) {
  return std::string(who.jid.localpart()) + "/" + who.resource.text();
}

}  // namespace

PresenceHistory::PresenceHistory(World& world)
    : world_(world), network_(world), keys_(peers()), domain_(world) {
  const std::vector<std::string> services{"presence-1", "presence-2"};
  for (const auto& address : services) {
    processes_.push_back(std::make_unique<Process>(
        world_, address, [this, address](Process::Die die) -> std::shared_ptr<void> {
          return std::make_shared<PresenceProcess>(world_, network_, store_, address, keys_, std::move(die));
        }));
  }
  for (const auto* name : {"gateway-1", "gateway-2"}) {
    processes_.push_back(std::make_unique<Process>(
        world_, name, [this, name, services](const Process::Die&) -> std::shared_ptr<void> {
          auto gateway = std::make_shared<PresenceGateway>(
              world_, network_, name, keys_.find_by_name(name)->key, services, domain_, owners_);
          gateways_.push_back(gateway);
          return gateway;
        }));
  }
  members_live();
  break_something();
}

void PresenceHistory::play() {
  world_.live_until(world_.now() + kTroubled);
  if (world_.fails(&Faults::kills, 2)) {
    // Of each kind the other one is left.
    world_.count("instances killed for good");
    for (const std::size_t place : {0U, 2U}) processes_[place + world_.random().below(2)]->kill_for_good();
  }
  world_.become_calm();
  store_.away = false;
  world_.say("nothing breaks any more");
  const auto latest = world_.now() + kLongestEnd;
  while (!at_rest()) {
    promise(world_.now() < latest, "what is true is told in the end");
    world_.live_until(world_.now() + Milliseconds(500));
  }
  expect_table_is_true();
  expect_orderly_transitions();
  expect_true_history();
}

void PresenceHistory::members_live() {
  if (world_.calm()) return;
  domain_.change();
  world_.after(world_.happens(6) ? world_.between(1'000, 4'000) : world_.between(5, 300),
               [this] { members_live(); });
}

void PresenceHistory::break_something() {
  if (world_.calm()) return;
  world_.after(world_.between(100, 1'500), [this] { break_something(); });
  if (world_.fails(&Faults::kills, 6)) processes_[world_.random().below(processes_.size())]->kill();
  if (world_.fails(&Faults::cuts, 3)) network_.cut_one();
  if (world_.fails(&Faults::stalls, 3)) network_.stall_one();
  if (world_.fails(&Faults::stalls, 12)) network_.silence_one();
  if (world_.fails(&Faults::server_dies, 6)) domain_.break_watch();
  if (world_.fails(&Faults::unreachable, 10))
    network_.isolate(world_.happens(2) ? "presence-1" : "presence-2", world_.between(500, 8'000));
  if (world_.fails(&Faults::unreachable, 12)) {
    domain_.hide_from(world_.happens(2) ? "gateway-1" : "gateway-2", world_.between(1'000, 10'000));
    if (world_.happens(2)) domain_.break_watch();
  }
  if (world_.fails(&Faults::kills, 12)) stop_owner();
  if (world_.fails(&Faults::kills, 24)) {
    // A machine goes, with one of each.
    for (const std::size_t place : {0U, 2U}) processes_[place + world_.random().below(2)]->kill();
  }
  if (world_.fails(&Faults::store_away, 16) && !store_.away) {
    const auto pause = world_.between(100, 6'000);
    world_.say("the database is away for ", pause.count(), " ms");
    world_.count("databases away");
    store_.away = true;
    world_.after(pause, [this] { store_.away = false; });
  }
}

/// As an operator does: it has half a second to hand over.
void PresenceHistory::stop_owner() {
  for (const auto& weak : gateways_) {
    const auto gateway = weak.lock();
    if (!gateway || !gateway->owns_in_time()) continue;
    gateway->stop();
    for (const auto& process : processes_) {
      if (process->name() == gateway->name())
        world_.after(Milliseconds(500), [&process = *process] { process.kill(); });
    }
  }
}

bool PresenceHistory::at_rest() const {
  const auto* owner = owners_.owner();
  if (owner == nullptr || !owner->content()) return false;
  const auto lease = store_.tables.leases.find(PresenceDomain::kName);
  return lease != store_.tables.leases.end() && lease->second.whole() && lease->second.swept;
}

void PresenceHistory::expect_table_is_true() const {
  std::map<std::string, std::int8_t> stored;
  for (const auto& [who, one] : store_.tables.online) stored.emplace(words(who), one.appearance.priority);
  std::map<std::string, std::int8_t> truth;
  for (const auto& [name, state] : domain_.online()) truth.emplace(name.text(), state.priority);
  for (const auto& [who, priority] : truth)
    promise(stored.contains(who) && stored.at(who) == priority, "who is online is stored so, but not ", who);
  for (const auto& [who, priority] : stored)
    promise(truth.contains(who), "nobody is online who is not: ", who);
}

/// Numbered without a gap; everybody comes before going, and goes before coming again.
void PresenceHistory::expect_orderly_transitions() const {
  std::int64_t change = 0;
  std::map<std::string, bool> is_there;
  for (const auto& one : store_.tables.transitions) {
    promise(one.change == ++change, "transitions are numbered without a gap");
    const bool comes = std::holds_alternative<presence::Appearance>(one.to);
    promise(comes || is_there[words(one.who)], words(one.who), " went twice");
    is_there[words(one.who)] = comes;
  }
}

/// Looked at around each change, and where a coverage ends: what was lost then must not be covered.
void PresenceHistory::expect_true_history() const {
  constexpr Milliseconds kJust{1};
  for (const auto& [key, one] : store_.tables.coverage) {
    const auto end = one.ended_at.value_or(world_.wall());
    for (const auto& change : store_.tables.transitions) {
      if (change.at <= one.began_at || change.at >= end) continue;
      expect_truth_at(change.at - kJust, one.began_at);
      if (!change.uncertain) expect_truth_at(change.at, one.began_at);
    }
    if (end > one.began_at) expect_truth_at(end - kJust, one.began_at);
  }
}

/// `since`: when the view became whole, and it was until then. Of an uncertain session that began before no
/// more is said than a guess.
void PresenceHistory::expect_truth_at(WallTime moment, WallTime since) const {
  std::map<std::string, bool> there;  // and whether that is sure
  for (const auto& one : store_.tables.sessions) {
    if (one.began_at <= moment && moment < one.ended_at)
      there[words(one.who)] = !one.uncertain || one.began_at >= since;
  }
  for (const auto& [who, one] : store_.tables.online) {
    if (one.began_at <= moment) there[words(who)] = !one.uncertain || one.began_at >= since;
  }
  for (const auto& who : domain_.everybody()) {
    const auto found = there.find(who.text());
    const bool is_there = found != there.end();
    if (is_there && !found->second) continue;
    world_.count("moments of history looked at");
    promise(domain_.was(who, is_there, moment - kOnItsWay, moment),
            "what is said to have been seen was so, but not that ", who.text(),
            is_there ? " was there at " : " was away at ",
            std::chrono::duration_cast<Milliseconds>(moment - rostrum::test::FakeClock::kStartWall).count(),
            " ms");
  }
}

}  // namespace rostrum::simulation
