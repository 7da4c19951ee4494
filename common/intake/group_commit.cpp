// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/intake/group_commit.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/crash_point.hpp"
#include "common/intake/batch.hpp"
#include "common/intake/batch_reader.hpp"
#include "common/intake/commit_pace.hpp"
#include "common/intake/meter.hpp"
#include "common/intake/pg_event_store.hpp"
#include "common/intake/trial.hpp"
#include "common/pg/apart.hpp"

namespace rostrum::intake {
namespace {

constexpr Milliseconds kKeepEvery = std::chrono::hours(1);
constexpr Milliseconds kKeepAgain{10'000};
constexpr Milliseconds kSayEvery{10'000};
/// After so long without an end of a commit the sites hear "not now": the database may stand still without a
/// word.
constexpr Milliseconds kOverdue{5'000};
/// A doubtful event beside which there is no other.
constexpr Milliseconds kTryAgain{1'000};
/// So many at once are read by the reader: what is still being read when a commit ends has to wait.
constexpr std::size_t kChunk = 128;
/// So few are read by the database thread itself: another thread would only cost them time.
constexpr std::size_t kFew = 8;

}  // namespace

using Conclusions = std::vector<bus::EventIntake::Conclusion>;

struct GroupCommit::State : std::enable_shared_from_this<GroupCommit::State> {
  State(bus::Reactor& r, bus::EventIntake& i, pg::Worker& w, Domain& d, Settings s, Random& chance,
        metrics::Registry& registry, log::Log& l)
      : reactor(r),
        intake(i),
        worker(w),
        domain(d),
        settings(std::move(s)),
        random(chance),
        ledger(std::make_shared<Ledger>(settings.schema, settings.in_turns)),
        pace({.budget = settings.budget, .batch = {settings.max_events, settings.max_bytes}}),
        meter(settings.schema, registry),
        log(l),
        keep_timer(r),
        trial_timer(r),
        overdue_timer(r),
        reader(r, [&d](const IntakeEvent& event) { return d.check(event); }) {}

  bus::Reactor& reactor;
  bus::EventIntake& intake;
  pg::Worker& worker;
  Domain& domain;
  const Settings settings;
  Random& random;
  const std::shared_ptr<const Ledger> ledger;  // also of jobs that outlive this
  CommitPace pace;
  Meter meter;
  log::Log& log;
  bus::Timer keep_timer;

  bool up = false;
  bool ledger_is_kept = false;  // since the database is up
  bool stalled = false;         // no commit gets through
  bool draining = false;
  bool open = false;
  std::shared_ptr<Batch> batch;  // the one at work
  pg::SplitPlan plan;
  MonoTime began{};
  bool more_waited = false;
  Trial trial;  // of the event at work, when it stands alone
  bus::Timer trial_timer;
  std::optional<EventId> said_doubtful;
  bus::Timer overdue_timer;
  std::shared_ptr<Batch> next;  // read, and waiting for its turn
  bool reading = false;         // what is to be added to it
  bool slowed = false;          // the pace is far below the budget
  std::optional<MonoTime> said_slowed;
  BatchReader reader;  // last: what it calls stands above

  void decide_open() {
    const bool is_open = up && ledger_is_kept && !draining && !stalled;
    if (std::exchange(open, is_open) == is_open) return;
    intake.set_open(is_open);
    settings.on_open(is_open);
  }

  /// No transaction gets through, although the database is there: nothing more is taken until one does, or is
  /// refused.
  void stall(const char* why) {
    if (std::exchange(stalled, true)) return;
    log.warning("intake_stalled", {{"waiting", intake.waiting()}, {"detail", why}});
    decide_open();
  }
  void flow_again() {
    overdue_timer.stop();
    if (!std::exchange(stalled, false)) return;
    log.info("intake_flows_again", {{"waiting", intake.waiting()}});
    decide_open();
  }

  /// The ledger's partitions first; then the intake may be open.
  void keep_ledger() {
    worker.submit<bool>(
        [kept = ledger, horizon = settings.horizon, &clock = reactor.clock()](pqxx::transaction_base& tx) {
          kept->keep(tx, horizon, clock.wall());
          return true;
        },
        [weak = weak_from_this()](const Result<bool, pg::DbError>& result) {
          if (const auto self = weak.lock()) self->ledger_kept(result);
        });
  }

  void ledger_kept(const Result<bool, pg::DbError>& result) {
    if (!result)
      log.error("ledger_not_kept", {{"sqlstate", result.error().sqlstate}, {"text", result.error().text}});
    ledger_is_kept = ledger_is_kept || result;
    decide_open();
    keep_timer.start(result ? kKeepEvery : kKeepAgain, [this] {
      if (up) keep_ledger();  // otherwise database_up() will
    });
  }

  /// Whatever can be done now: while one batch is committed the next one is read.
  void turn() {
    if (!batch && next) begin(std::exchange(next, nullptr));
    if (!batch && !reading && intake.waiting() <= kFew) {
      if (auto few = intake.take(kFew, settings.max_bytes); !few.empty())
        begin(std::make_shared<Batch>(std::move(few)));
    }
    read_ahead();
    meter.waiting(intake.waiting());
  }

  void read_ahead() {
    if (reading) return;
    const auto have = next ? next->load({0, next->size()}) : bus::Load{};
    const auto room = rest_of({settings.max_events, settings.max_bytes}, have);
    if (room.items == 0 || room.bytes == 0) return;
    auto received = intake.take(std::min<std::size_t>(kChunk, room.items), room.bytes);
    if (received.empty()) return;
    reading = true;
    auto chunk = std::make_shared<Batch>(std::move(received));
    reader.read(chunk, [this, chunk] {
      reading = false;
      if (next)
        next->append(std::move(*chunk));
      else
        next = chunk;
      turn();
    });
  }

  void begin(std::shared_ptr<Batch> events) {
    batch = std::move(events);
    plan = pg::SplitPlan(batch->size());
    more_waited = reading || intake.waiting() > batch->size();
    commit_next_part();
  }

  void commit_next_part() {
    const auto part = plan.next();
    if (!part) {
      batch.reset();
      return turn();
    }
    began = reactor.clock().mono();
    overdue_timer.start(kOverdue, [this] { stall("a commit does not end"); });
    worker.submit<std::vector<Verdict>>(
        [kept = ledger, at_work = batch, part = *part, &rules = domain, horizon = settings.horizon,
         &clock = reactor.clock(), repeated = false](pqxx::transaction_base& tx) mutable {
          // A clock may have been put right: keep_ledger() would have to wait until this has ended.
          if (std::exchange(repeated, true)) kept->keep(tx, horizon, clock.wall());
          PgEventStore store(tx, *kept, rules);
          auto verdicts = at_work->commit(store, part);
          crash_point("intake.inserted");
          return verdicts;
        },
        [weak = weak_from_this(), part = *part](Result<std::vector<Verdict>, pg::DbError> result) {
          if (const auto self = weak.lock()) self->ended(part, std::move(result));
        });
  }

  void ended(pg::SplitPlan::Part part, Result<std::vector<Verdict>, pg::DbError> result) {
    const bool got_through = result || result.error().fault != pg::Fault::kLoad;
    got_through ? flow_again() : overdue_timer.stop();
    Conclusions conclusions;
    if (result) {
      crash_point("intake.committed");
      committed(part);
      conclusions = conclude(part, std::move(result).value());
      part_done();
    } else if (!plan.split(pg::ways_to_split(result.error().fault))) {
      if (result.error().fault == pg::Fault::kLoad) return wait_for_database(part, result.error());
      if (result.error().fault == pg::Fault::kDamage) return doubt(part, result.error());
      conclusions = give_up(part, result.error());
      part_done();
    }
    go_on_and_answer(conclusions);
  }

  /// The next commit is under way before the answers of this one are written.
  void go_on_and_answer(const Conclusions& conclusions) {
    commit_next_part();
    intake.conclude(conclusions);
    intake.set_budget(pace.window());
    meter.waiting(intake.waiting());
  }

  void part_done() {
    plan.done();
    trial = {};
  }

  /// A single event got no time, lock or memory. That is never its own fault: it waits for its answer, which
  /// is safe, and with it all that comes.
  void wait_for_database(pg::SplitPlan::Part part, const pg::DbError& error) {
    say_doubtful(part, error);
    stall("even a single event gets no time, lock or memory");
    trial_timer.start(kTryAgain, [this] { commit_next_part(); });
  }

  void say_doubtful(pg::SplitPlan::Part part, const pg::DbError& error) {
    const auto& received = batch->received(part.begin);
    if (said_doubtful == received.id) return;
    said_doubtful = received.id;
    log.warning("event_doubtful", {{"source", received.source},
                                   {"type", received.type},
                                   {"id", received.id.to_string()},
                                   {"sqlstate", error.sqlstate},
                                   {"text", error.text}});
  }

  /// A single event failed, several times, by what may as well be damage that meets all. A rejection is
  /// final: before it, a witness has to go through (trial.hpp); until then the event just waits for its
  /// answer.
  void doubt(pg::SplitPlan::Part part, const pg::DbError& error) {
    say_doubtful(part, error);
    auto witness = find_witness(*batch, part.begin, next.get(), trial.rehearsals(),
                                EventId::make(reactor.clock().wall(), random));
    if (!witness) return trial_timer.start(kTryAgain, [this] { commit_next_part(); });
    worker.submit<bool>(
        [kept = ledger, witness = std::make_shared<Batch>(std::move(*witness)),
         &rules = domain](pqxx::transaction_base& tx) {
          PgEventStore store(tx, *kept, rules);
          bool accepted = false;
          pg::rehearse(tx, [&] {
            accepted = witness->commit(store, {0, 1}).front().status == Verdict::Status::kAccepted;
          });
          return accepted;
        },
        [weak = weak_from_this(), part, error](const Result<bool, pg::DbError>& rehearsed) {
          if (const auto self = weak.lock())
            self->rehearsed(part, error,
                            !rehearsed          ? Trial::Witness::kFailed
                            : rehearsed.value() ? Trial::Witness::kAccepted
                                                : Trial::Witness::kRejected);
        });
  }

  void rehearsed(pg::SplitPlan::Part part, const pg::DbError& error, Trial::Witness witness) {
    if (trial.rehearsed(witness) == Trial::Verdict::kOpen) return commit_next_part();
    const auto conclusions = give_up(part, error);
    part_done();
    go_on_and_answer(conclusions);
  }

  void committed(pg::SplitPlan::Part part) {
    const auto took = reactor.clock().mono() - began;
    meter.committed(part.size(), took);
    pace.committed(batch->load(part), took, more_waited);
    say_pace();
  }

  /// Once when the database has become slow, and now and then while it is.
  void say_pace() {
    const auto window = pace.window();
    const bool slow = window.items < settings.budget.items / 4 || window.bytes < settings.budget.bytes / 4;
    if (!std::exchange(slowed, slow) && !slow) return;
    const auto now = reactor.clock().mono();
    if (slow && said_slowed && now - *said_slowed < kSayEvery) return;
    if (!slow && !said_slowed) return;
    said_slowed = slow ? std::optional(now) : std::nullopt;
    const std::initializer_list<log::Field> fields = {
        {"events", window.items}, {"bytes", window.bytes}, {"waiting", intake.waiting()}};
    slow ? log.warning("intake_slowed", fields) : log.info("intake_at_full_width", fields);
  }

  /// One event that the database refuses for good, alone.
  Conclusions give_up(pg::SplitPlan::Part part, const pg::DbError& error) {
    const auto& received = batch->received(part.begin);
    log.warning("event_not_storable", {{"source", received.source},
                                       {"type", received.type},
                                       {"id", received.id.to_string()},
                                       {"sqlstate", error.sqlstate},
                                       {"constraint", error.constraint}});
    return conclude(part, {Verdict::rejected(domain.explain(error.sqlstate, error.constraint, error.text))});
  }

  Conclusions conclude(pg::SplitPlan::Part part, std::vector<Verdict> verdicts) {
    bool took_something_new = false;
    Conclusions conclusions;
    conclusions.reserve(verdicts.size());
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
      const auto& received = batch->received(part.begin + i);
      auto& verdict = verdicts[i];
      meter.event(received.type, verdict);
      took_something_new = took_something_new || verdict.status == Verdict::Status::kAccepted;
      conclusions.push_back(conclusion_of(received, std::move(verdict)));
    }
    if (took_something_new) domain.committed();
    return conclusions;
  }
};

GroupCommit::GroupCommit(bus::Reactor& reactor, bus::EventIntake& intake, pg::Worker& worker, Domain& domain,
                         Settings settings, Random& random, metrics::Registry& metrics, log::Log& log)
    : state_(std::make_shared<State>(reactor, intake, worker, domain, std::move(settings), random, metrics,
                                     log)) {
  state_->intake.set_open(false);
  state_->settings.on_open(false);
}

GroupCommit::~GroupCommit() = default;

void GroupCommit::database_up() {
  state_->up = true;
  state_->keep_ledger();
}

void GroupCommit::database_down() {
  state_->up = false;
  state_->ledger_is_kept = false;
  state_->decide_open();
}

void GroupCommit::kick() {
  state_->turn();
}

void GroupCommit::rejected_by_envelope(std::string_view type, int rejection_code) {
  state_->meter.envelope_rejected(type, rejection_code);
}

void GroupCommit::drain() {
  state_->draining = true;
  state_->decide_open();
}

bool GroupCommit::idle() const {
  return !state_->batch && state_->intake.waiting() == 0;
}

}  // namespace rostrum::intake
