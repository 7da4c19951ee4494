// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/adapters/presence_desk.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "common/base/crash_point.hpp"
#include "common/intake/commit_pace.hpp"
#include "services/presence/adapters/domain_batch.hpp"
#include "services/presence/adapters/pg_presence_store.hpp"

namespace rostrum::presence {

namespace {

/// Peers choose what they ask for: beyond this nothing more is said.
constexpr std::size_t kMostNotServed = 1'000;

/// Nothing where it is no token: nil is what a lease has that was given back.
std::optional<Claim> read_claim(const bus::ObservationIntake::Claim& received) {
  const auto token = Uuid::from_bytes(received.frame.token);
  if (!token || *token == Uuid()) return std::nullopt;
  return Claim{received.name, *token, read_age(received.frame.behind_ms)};
}

std::uint32_t in_ms(Milliseconds duration) {
  return static_cast<std::uint32_t>(std::max<Milliseconds::rep>(0, duration.count()));
}

}  // namespace

struct PresenceDesk::State : std::enable_shared_from_this<PresenceDesk::State> {
  State(bus::ObservationIntake& i, pg::Worker& w, const Clock& c, Settings s, Meter& m, log::Log& l)
      : intake(i),
        worker(w),
        clock(c),
        settings(std::move(s)),
        meter(m),
        log(l),
        pace({.budget = settings.budget, .batch = {settings.max_observations, settings.max_bytes}}) {}

  bus::ObservationIntake& intake;
  pg::Worker& worker;
  const Clock& clock;
  const Settings settings;
  Meter& meter;
  log::Log& log;

  intake::CommitPace pace;
  std::size_t at_work = 0;                                   // transactions of the round
  std::set<std::pair<std::string, std::string>> not_served;  // peer and domain, once said

  void take() {
    while (at_work == 0) {
      auto gathered = intake.take(settings.max_observations, settings.max_bytes);
      meter.waiting(intake.waiting());
      if (gathered.empty()) return;
      ++at_work;  // until all of it is handed on
      for (const auto& claim : gathered.claims) take(claim);
      take(gathered.batches);
      for (const auto& release : gathered.releases) take(release);
      --at_work;
    }
  }

  void work_ended() {
    if (--at_work == 0) take();
  }

  /// One transaction of the round; `done` is called when it is committed, or refused for good.
  template <class Value, class Job, class Done>
  void submit(Job job, Done done) {
    ++at_work;
    worker.submit<Value>(
        [&clock = clock, job = std::move(job)](pqxx::transaction_base& tx) {
          PgPresenceStore store(tx, clock);
          return job(store);
        },
        [weak = weak_from_this(), done = std::move(done)](const Result<Value, pg::DbError>& result) {
          const auto self = weak.lock();
          if (!self) return;
          done(*self, result);
          self->work_ended();
        });
  }

  void take(const bus::ObservationIntake::Claim& received) {
    const auto claim = read_claim(received);
    const auto& domain = received.frame.domain;
    const bool is_served = settings.domains.contains(domain);
    if (!is_served) say_not_served(received.name, domain);
    if (!claim || !is_served) {
      meter.claimed(Decision::Outcome::kRefused);
      return intake.answer(received.peer,
                           {domain, received.frame.number, false, 0, 0, in_ms(settings.lease_length), ""});
    }
    submit<Decision>(
        [domain, claim = *claim, arrived = received.arrived,
         length = settings.lease_length](PresenceStore& store) {
          auto decision = take_claim(store, domain, claim, arrived, length);
          crash_point("lease.inserted");
          return decision;
        },
        [peer = received.peer, domain, number = received.frame.number](
            State& self, const Result<Decision, pg::DbError>& decision) {
          if (!decision) return self.refused_by_database("claim", domain, decision.error());
          crash_point("lease.committed");
          self.answer(peer, domain, number, decision.value());
        });
  }

  void answer(bus::PeerToken peer, const std::string& domain, std::uint64_t number,
              const Decision& decision) {
    meter.claimed(decision.outcome);
    if (decision.outcome == Decision::Outcome::kTooLate) return;
    const auto& lease = *decision.lease;
    const bool granted = decision.outcome != Decision::Outcome::kRefused;
    if (decision.outcome == Decision::Outcome::kGranted)
      log.info("lease_granted", {{"domain", domain}, {"owner", lease.owner}, {"epoch", lease.epoch}});
    intake.answer(peer, {domain, number, granted, static_cast<std::uint64_t>(lease.epoch),
                         static_cast<std::uint64_t>(granted ? lease.last_sequence : 0),
                         in_ms(decision.holds_for), granted ? "" : lease.owner});
  }

  void take(const bus::ObservationIntake::Release& received) {
    const auto& [domain, epoch] = received.frame;
    if (!settings.domains.contains(domain)) return;
    submit<bool>([domain = domain, epoch = static_cast<std::int64_t>(epoch)](
                     PresenceStore& store) { return take_release(store, domain, epoch); },
                 [domain = domain, epoch = epoch](State& self, const Result<bool, pg::DbError>& released) {
                   if (!released) return self.refused_by_database("release", domain, released.error());
                   if (!released.value()) return;
                   self.meter.released();
                   self.log.info("lease_released", {{"domain", domain}, {"epoch", epoch}});
                 });
  }

  void take(const std::vector<bus::ObservationIntake::Batch>& received) {
    std::map<std::string, std::shared_ptr<DomainBatch>> batches;
    for (const auto& one : received) {
      const auto& domain = one.frame.domain;
      if (!settings.domains.contains(domain)) {
        refuse(one);
        continue;
      }
      auto& batch = batches[domain];
      if (!batch) batch = std::make_shared<DomainBatch>(domain);
      const auto reading = batch->add(one);
      if (!reading.good()) disbelieved(one, reading);
    }
    for (const auto& [domain, batch] : batches) store(batch, std::make_shared<pg::SplitPlan>(batch->size()));
  }

  /// Once: a gateway that is refused claims again twice a second.
  void say_not_served(const std::string& peer, const std::string& domain) {
    if (not_served.size() >= kMostNotServed || !not_served.emplace(peer, domain).second) return;
    log.warning("domain_not_served", {{"peer", peer}, {"domain", domain}});
  }

  void refuse(const bus::ObservationIntake::Batch& received) {
    const auto& frame = received.frame;
    const auto count = frame.observations.size();
    meter.dropped(Flaw::kForeign, count);
    say_not_served(received.name, frame.domain);
    intake.conclude(received.peer,
                    {frame.domain, frame.epoch, bus::ObservationsStoredFrame::Status::kStale, 0}, count);
  }

  void disbelieved(const bus::ObservationIntake::Batch& received, const DomainBatch::Reading& reading) {
    if (reading.malformed > 0) meter.dropped(Flaw::kMalformed, reading.malformed);
    if (reading.foreign > 0) meter.dropped(Flaw::kForeign, reading.foreign);
    log.warning("observations_disbelieved", {{"peer", received.name},
                                             {"domain", received.frame.domain},
                                             {"malformed", reading.malformed},
                                             {"foreign", reading.foreign},
                                             {"first", reading.text}});
  }

  /// The next part of a batch: all of it, unless the database has refused something.
  void store(const std::shared_ptr<DomainBatch>& batch, const std::shared_ptr<pg::SplitPlan>& plan) {
    const auto part = plan->next();
    if (!part) return conclude(*batch);
    submit<Recorded>(
        [batch, part = *part](PresenceStore& store) {
          auto recorded = record(store, batch->domain(), batch->frames(part));
          crash_point("observation.inserted");
          return recorded;
        },
        [batch, plan, part = *part, began = clock.mono()](State& self,
                                                          const Result<Recorded, pg::DbError>& recorded) {
          if (recorded) {
            crash_point("observation.committed");
            self.committed(part.size(), self.clock.mono() - began);
            self.meter.stored(recorded.value().tally);
            batch->answer(part, recorded.value().answers);
            plan->done();
          } else {
            self.not_stored(*batch, *plan, recorded.error());
          }
          self.store(batch, plan);
        });
  }

  void not_stored(DomainBatch& batch, pg::SplitPlan& plan, const pg::DbError& error) {
    if (plan.split(pg::ways_to_split(error.fault))) return;
    refused_by_database("observation", batch.domain(), error);
    // No gateway is waiting for its dead letter: while the database is slow its news just wait.
    if (error.fault == pg::Fault::kLoad) return;
    meter.dropped(Flaw::kMalformed);
    if (!batch.forget(*plan.next())) plan.done();  // not even its number: its sender is told that it is stale
  }

  void committed(std::size_t observations, MonoTime::duration took) {
    meter.committed(observations, took);
    const auto waiting = intake.waiting_load();  // these among them; of how many bytes is not told one by one
    const auto bytes = observations * waiting.bytes / std::max<std::uint64_t>(1, waiting.items);
    pace.committed({observations, bytes}, took, waiting.items > observations);
  }

  void conclude(const DomainBatch& batch) {
    for (const auto& conclusion : batch.conclusions())
      intake.conclude(conclusion.peer, conclusion.stored, conclusion.count);
    intake.set_budget(pace.window());
    meter.waiting(intake.waiting());
  }

  void refused_by_database(const char* what, const std::string& domain, const pg::DbError& error) {
    log.error("not_storable", {{"what", what},
                               {"domain", domain},
                               {"sqlstate", error.sqlstate},
                               {"constraint", error.constraint},
                               {"text", error.text}});
  }
};

PresenceDesk::PresenceDesk(bus::ObservationIntake& intake, pg::Worker& worker, const Clock& clock,
                           Settings settings, Meter& meter, log::Log& log)
    : state_(std::make_shared<State>(intake, worker, clock, std::move(settings), meter, log)) {}

PresenceDesk::~PresenceDesk() = default;

void PresenceDesk::kick() {
  state_->take();
}

bool PresenceDesk::idle() const {
  return state_->at_work == 0 && state_->intake.waiting() == 0;
}

}  // namespace rostrum::presence
