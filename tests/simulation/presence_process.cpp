// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/presence_process.hpp"

#include <algorithm>
#include <utility>

#include "common/bus/instance.hpp"
#include "tests/simulation/presence_domain.hpp"

namespace rostrum::simulation {

namespace {

using presence::Decision;
using presence::PresenceStore;

constexpr bus::LinkLimits kLimits{.max_batch = 4, .window = 8, .window_total = 16};
constexpr std::size_t kMostObservations = 8;
constexpr std::size_t kMostBytes = 4'096;
constexpr std::size_t kSweepPage = 2;
constexpr Milliseconds kSweepEvery{1'000};

/// What the lease was and became in one transaction.
void expect_onwards(const std::optional<presence::Lease>& before, const presence::Lease& after,
                    WallTime now) {
  if (!before) return;
  promise(after.epoch >= before->epoch, "epochs never go back, but from ", before->epoch, " to ",
          after.epoch);
  if (after.epoch == before->epoch) {
    promise(after.last_sequence >= before->last_sequence && after.last_change >= before->last_change,
            "numbers never go back, in epoch ", after.epoch);
    promise(after.token == before->token || after.token == Uuid(), "one owner per epoch, but ", after.epoch,
            " changed hands");
  } else {
    promise(before->token == Uuid() || before->valid_until <= now,
            "a lease in force is not given to another");
  }
}

/// The tables as the core's port, for one transaction.
template <class Value>
Value within(const World& world, PresenceTables& tables, const std::function<Value(PresenceStore&)>& job) {
  presence::test::FakePresenceStore store(world.clock());
  store.tables = std::move(tables);
  const auto lease_of = [&] {
    const auto lease = store.tables.leases.find(PresenceDomain::kName);
    return lease == store.tables.leases.end() ? std::nullopt : std::optional(lease->second);
  };
  const auto before = lease_of();
  auto value = job(store);
  const auto after = lease_of();
  tables = std::move(store.tables);
  if (after) expect_onwards(before, *after, world.wall());
  return value;
}

}  // namespace

PresenceProcess::PresenceProcess(World& world, Network& network, Store<PresenceTables>& store,
                                 const std::string& address, const bus::AuthorizedKeys& keys,
                                 std::function<void()> die)
    : world_(world),
      address_(address),
      worker_(world, store,
              {.on_up = [this] { perform(core_.set_open(true)); },
               .on_down = [this] { perform(core_.set_open(false)); },
               .die = std::move(die)}),
      core_(kLimits, bus::make_instance(world.random())),
      side_(world, network, address,
            {.on_message =
                 [this, &keys](const bus::IncomingMessage& message) {
                   perform(core_.receive(message, keys, world_.now()));
                 },
             .on_dropped = [this](const std::string& route) { perform(core_.drop(route)); },
             .has_room = [this] { return core_.has_room(); },
             .on_beat = [this, &keys] { perform(core_.greet_all(keys)); }}) {
  perform(core_.set_open(false));
  sweep();
}

void PresenceProcess::perform(const bus::ObservationIntakeEffects& effects) {
  side_.perform(effects.peers);
  if (effects.gathered) take();
}

void PresenceProcess::take() {
  while (at_work_ == 0) {
    const auto gathered = core_.take(kMostObservations, kMostBytes);
    if (gathered.empty()) return;
    ++at_work_;  // until all of it is handed on
    for (const auto& claim : gathered.claims) take(claim);
    take(gathered.batches);
    for (const auto& release : gathered.releases) take(release);
    --at_work_;
    side_.resume();
  }
}

template <class Value>
void PresenceProcess::submit(std::function<Value(PresenceStore&)> job, std::function<void(Value)> done) {
  ++at_work_;
  worker_.submit<Value>(
      [this, job = std::move(job)](PresenceTables& tables) { return within<Value>(world_, tables, job); },
      [this, done = std::move(done)](std::optional<Value> value) {
        done(std::move(*value));
        work_ended();
      });
}

void PresenceProcess::work_ended() {
  if (--at_work_ == 0) take();
}

void PresenceProcess::take(const bus::ObservationIntake::Claim& received) {
  const presence::Claim claim{received.name, *Uuid::from_bytes(received.frame.token),
                              Milliseconds(received.frame.behind_ms)};
  submit<Decision>(
      [claim, arrived = received.arrived](PresenceStore& store) {
        return presence::take_claim(store, PresenceDomain::kName, claim, arrived, kLeaseLength);
      },
      [this, peer = received.peer, number = received.frame.number](const Decision& decision) {
        using Outcome = Decision::Outcome;
        if (decision.outcome == Outcome::kTooLate) return world_.count("claims too late");
        if (decision.outcome == Outcome::kRefused) world_.count("claims refused");
        const bool granted = decision.outcome != Outcome::kRefused;
        const auto& lease = *decision.lease;
        side_.perform(
            core_
                .answer(peer,
                        {PresenceDomain::kName, number, granted, static_cast<std::uint64_t>(lease.epoch),
                         static_cast<std::uint64_t>(granted ? lease.last_sequence : 0),
                         static_cast<std::uint32_t>(decision.holds_for.count()), granted ? "" : lease.owner})
                .peers);
      });
}

void PresenceProcess::take(const bus::ObservationIntake::Release& received) {
  submit<bool>(
      [epoch = static_cast<std::int64_t>(received.frame.epoch)](PresenceStore& store) {
        return presence::take_release(store, PresenceDomain::kName, epoch);
      },
      [](bool) {});
}

void PresenceProcess::take(const std::vector<bus::ObservationIntake::Batch>& received) {
  if (received.empty()) return;
  const auto batch = std::make_shared<presence::DomainBatch>(PresenceDomain::kName);
  for (const auto& one : received) promise(batch->add(one).good(), "what a gateway tells can be read");
  const pg::SplitPlan::Part all{0, batch->size()};
  submit<presence::Recorded>(
      [batch, all](PresenceStore& store) {
        const auto before = store.lock(PresenceDomain::kName).lease.value_or(presence::Lease{.epoch = 0});
        const auto epoch = before.epoch;
        auto last_told = before.last_sequence;
        const auto frames = batch->frames(all);
        auto recorded = presence::record(store, PresenceDomain::kName, frames);
        for (std::size_t i = 0; i < frames.size(); ++i) {
          const auto count = static_cast<std::int64_t>(frames[i].observations.size());
          if (frames[i].epoch == epoch) last_told = std::max(last_told, frames[i].first_sequence + count - 1);
          promise(recorded.answers[i].last_sequence <= last_told, "no number is stored that was not told");
          const bool stale = recorded.answers[i].verdict == presence::Verdict::kStale;
          promise(stale != (frames[i].epoch == epoch),
                  "nobody tells but the owner, and who is not hears so: epoch ", frames[i].epoch, " in ",
                  epoch);
        }
        return recorded;
      },
      [this, batch, all](const presence::Recorded& recorded) {
        world_.count("observations stale", recorded.tally.stale);
        world_.count("observations repeated", recorded.tally.repeats);
        world_.count("observations behind a gap", recorded.tally.behind_gap);
        batch->answer(all, recorded.answers);
        for (const auto& one : batch->conclusions())
          side_.perform(core_.conclude(one.peer, one.stored, one.count).peers);
        side_.resume();
      });
}

/// A page of those whom the snapshot in force did not name, each time.
void PresenceProcess::sweep() {
  worker_.submit<Sweeping>(
      [this, last = sweeping_](PresenceTables& tables) {
        return within<Sweeping>(world_, tables, [&](PresenceStore& store) {
          const auto lease = store.lock(PresenceDomain::kName).lease;
          if (!lease || lease->swept) return Sweeping{};
          const auto from = last.mark == lease->mark() ? last.after : std::nullopt;
          const auto swept =
              presence::sweep_some(store, PresenceDomain::kName, lease->mark(), from, kSweepPage);
          world_.count("sessions swept", swept.closed);
          return Sweeping{lease->mark(), swept.last};
        });
      },
      [this](std::optional<Sweeping> sweeping) {
        sweeping_ = *sweeping;
        world_.after(kSweepEvery, life_.guard([this] { sweep(); }));
      });
}

}  // namespace rostrum::simulation
