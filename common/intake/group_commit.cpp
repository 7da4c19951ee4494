// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/intake/group_commit.hpp"

#include <utility>
#include <vector>

#include "common/base/crash_point.hpp"
#include "common/intake/batch.hpp"
#include "common/intake/meter.hpp"
#include "common/intake/pg_event_store.hpp"

namespace rostrum::intake {
namespace {

constexpr Milliseconds kKeepEvery = std::chrono::hours(1);
constexpr Milliseconds kKeepAgain{10'000};

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

struct GroupCommit::State : std::enable_shared_from_this<GroupCommit::State> {
  State(bus::Reactor& r, bus::EventIntake& i, pg::Worker& w, Domain& d, Settings s,
        metrics::Registry& registry, log::Log& l)
      : reactor(r),
        intake(i),
        worker(w),
        domain(d),
        settings(std::move(s)),
        ledger(std::make_shared<Ledger>(settings.schema)),
        meter(settings.schema, registry),
        log(l),
        keep_timer(r) {}

  bus::Reactor& reactor;
  bus::EventIntake& intake;
  pg::Worker& worker;
  Domain& domain;
  const Settings settings;
  const std::shared_ptr<const Ledger> ledger;  // also of jobs that outlive this
  Meter meter;
  log::Log& log;
  bus::Timer keep_timer;

  bool up = false;
  bool draining = false;
  std::shared_ptr<Batch> batch;  // the one at work
  SplitPlan plan;
  MonoTime began{};

  void set_open(bool open) {
    intake.set_open(open);
    settings.on_open(open);
  }

  /// The ledger's partitions first; then the intake may be open.
  void keep_ledger() {
    worker.submit<bool>(
        [kept = ledger, horizon = settings.horizon](pqxx::transaction_base& tx) {
          kept->keep(tx, horizon);
          return true;
        },
        [weak = weak_from_this()](const Result<bool, pg::DbError>& result) {
          if (const auto self = weak.lock()) self->ledger_kept(result);
        });
  }

  void ledger_kept(const Result<bool, pg::DbError>& result) {
    if (!result)
      log.error("ledger_not_kept", {{"sqlstate", result.error().sqlstate}, {"text", result.error().text}});
    if (result && up && !draining) set_open(true);
    keep_timer.start(result ? kKeepEvery : kKeepAgain, [this] {
      if (up) keep_ledger();  // otherwise database_up() will
    });
  }

  void take() {
    if (batch) return;
    auto received = intake.take(settings.max_events, settings.max_bytes);
    meter.waiting(intake.waiting());
    if (received.empty()) return;
    plan = SplitPlan(received.size());
    batch = std::make_shared<Batch>(std::move(received));
    commit_next_part();
  }

  void commit_next_part() {
    const auto part = plan.next();
    if (!part) {
      batch.reset();
      return take();
    }
    began = reactor.clock().mono();
    worker.submit<std::vector<Verdict>>(
        [kept = ledger, at_work = batch, part = *part, &rules = domain](pqxx::transaction_base& tx) {
          PgEventStore store(tx, *kept, rules);
          auto verdicts = at_work->commit(store, part);
          crash_point("intake.inserted");
          return verdicts;
        },
        [weak = weak_from_this(), part = *part](Result<std::vector<Verdict>, pg::DbError> result) {
          if (const auto self = weak.lock()) self->ended(part, std::move(result));
        });
  }

  void ended(SplitPlan::Part part, Result<std::vector<Verdict>, pg::DbError> result) {
    if (result) {
      crash_point("intake.committed");
      meter.committed(part.size(), reactor.clock().mono() - began);
      conclude(part, std::move(result).value());
      plan.done();
    } else if (!plan.split()) {
      give_up(part, result.error());
      plan.done();
    }
    commit_next_part();
  }

  /// One event that the database refuses for good, alone.
  void give_up(SplitPlan::Part part, const pg::DbError& error) {
    const auto& received = batch->received(part.begin);
    log.warning("event_not_storable", {{"source", received.source},
                                       {"type", received.type},
                                       {"id", received.id.to_string()},
                                       {"sqlstate", error.sqlstate},
                                       {"constraint", error.constraint}});
    conclude(part, {Verdict::rejected(domain.explain(error.sqlstate, error.constraint, error.text))});
  }

  void conclude(SplitPlan::Part part, std::vector<Verdict> verdicts) {
    bool took_something_new = false;
    std::vector<bus::EventIntake::Conclusion> conclusions;
    conclusions.reserve(verdicts.size());
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
      const auto& received = batch->received(part.begin + i);
      auto& verdict = verdicts[i];
      meter.event(received.type, verdict);
      took_something_new = took_something_new || verdict.status == Verdict::Status::kAccepted;
      auto& conclusion = conclusions.emplace_back(
          bus::EventIntake::Conclusion{received.peer, received.id, status_of(verdict.status), 0, {}});
      if (!verdict.rejection) continue;
      conclusion.rejection_code = verdict.rejection->code;
      conclusion.text = std::move(verdict.rejection->text);
    }
    intake.conclude(std::move(conclusions));
    meter.waiting(intake.waiting());
    if (took_something_new) domain.committed();
  }
};

GroupCommit::GroupCommit(bus::Reactor& reactor, bus::EventIntake& intake, pg::Worker& worker, Domain& domain,
                         Settings settings, metrics::Registry& metrics, log::Log& log)
    : state_(std::make_shared<State>(reactor, intake, worker, domain, std::move(settings), metrics, log)) {
  state_->set_open(false);
}

GroupCommit::~GroupCommit() = default;

void GroupCommit::database_up() {
  state_->up = true;
  state_->keep_ledger();
}

void GroupCommit::database_down() {
  state_->up = false;
  state_->set_open(false);
}

void GroupCommit::kick() {
  state_->take();
}

void GroupCommit::rejected_by_envelope(std::string_view type, int rejection_code) {
  state_->meter.envelope_rejected(type, rejection_code);
}

void GroupCommit::drain() {
  state_->draining = true;
  state_->set_open(false);
}

bool GroupCommit::idle() const {
  return !state_->batch && state_->intake.waiting() == 0;
}

}  // namespace rostrum::intake
