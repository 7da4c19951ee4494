// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/crash_point.hpp"
#include "common/base/random.hpp"
#include "common/base/text.hpp"
#include "common/bus/command_client.hpp"
#include "common/dispatch/dispatch_core.hpp"
#include "common/dispatch/meter.hpp"
#include "common/log/log.hpp"
#include "common/metrics/metrics.hpp"
#include "common/pg/split_plan.hpp"
#include "common/pg/worker.hpp"
#include "rostrum/v1/command.pb.h"

namespace rostrum::dispatch {

inline constexpr std::size_t kLongestConditionBytes = 128;
inline constexpr std::size_t kLongestTextBytes = 1'024;

/// A claimed piece of work together with how its command went.
template <class Work>
struct Finished {
  Work work;
  bus::CommandResult result;
};

/// Where a service keeps its work; called on the database thread, in a transaction of the worker's, which may
/// be repeated.
template <class Work>
class WorkStore {
 public:
  virtual ~WorkStore() = default;
  /// Claims up to `most` pieces that are due (FOR UPDATE SKIP LOCKED), marks them *attempting* until `now() +
  /// hold`, and returns them. What was left attempting by a process that died is due again after its hold.
  [[nodiscard]] virtual std::vector<Work> claim(pqxx::transaction_base& tx, std::size_t most,
                                                Milliseconds hold) = 0;
  /// The same after a claim that the database refused for good: piece by piece (pg::apart); what cannot be
  /// claimed by itself becomes a dead letter, so that it holds up nobody else.
  [[nodiscard]] virtual std::vector<Work> claim_apart(pqxx::transaction_base& tx, std::size_t most,
                                                      Milliseconds hold) = 0;
  /// Records what became of them, in one statement per table.
  virtual void settle(pqxx::transaction_base& tx, const std::vector<Finished<Work>>& finished) = 0;
  /// What became of this one cannot be recorded, whatever it was: it becomes a dead letter (`not-storable`).
  virtual void bury(pqxx::transaction_base& tx, const Finished<Work>& finished, const pg::DbError& why) = 0;
};

/// Turns claimed work into a command; may instead answer at once with a result of its own (e.g. expired).
/// What it throws makes the work fail (`unmakeable`). Called on the reactor.
template <class Work>
using MakeCommand = std::function<std::optional<bus::CommandResult>(Work& work, v1::Command& command)>;

struct Settings {
  std::string service;                   ///< for the names of the metrics: "registration"
  std::size_t claim_batch = 256;         ///< most pieces claimed by one transaction
  std::size_t most_open = 1'024;         ///< most pieces claimed and not yet settled
  Milliseconds poll{500};                ///< backstop: how often to look for work without a kick
  Milliseconds time_to_live{10'000};     ///< of each command
  Milliseconds stanza_deadline{15'000};  ///< what the gateway may need after it started
  Milliseconds pause_first{200};         ///< pause of claiming after a RETRY, doubling with jitter …
  Milliseconds pause_cap{5'000};  ///< … up to this; ended by the first command that reaches the server
};

/// The loop between a table of work and the gateways: claims no more than the gateways give credit for,
/// commits *attempting* before anything is sent, sends, gathers results while the last settle is being
/// committed, settles them in batches. Everything claimed is settled exactly once, unless this process dies.
/// What the database refuses for good, or cannot write because it is damaged there, is singled out, by
/// halves, and buried. Belongs to the reactor's thread.
template <class Work>
class Dispatcher {
 public:
  /// All that is named here must outlive the dispatcher; `store` must outlive `worker`.
  Dispatcher(bus::Reactor& reactor, pg::Worker& worker, bus::CommandClient& gateways, WorkStore<Work>& store,
             MakeCommand<Work> make_command, Settings settings, Random& random, metrics::Registry& metrics,
             log::Log& log)
      : loop_(std::make_shared<Loop>(reactor, worker, gateways, store, std::move(make_command),
                                     std::move(settings), random, metrics, log)) {
    loop_->tick();
  }

  /// There may be new work.
  void kick() {
    loop_->core.kick();
    loop_->turn();
  }
  /// Called by the command client's on_credit.
  void credit_came() { loop_->turn(); }
  /// Nothing more is claimed; what is open is still settled.
  void drain() { loop_->core.drain(); }
  [[nodiscard]] bool idle() const { return loop_->core.idle(); }

 private:
  struct Loop;
  std::shared_ptr<Loop> loop_;  // answers that come after the dispatcher's end find it gone
};

template <class Work>
struct Dispatcher<Work>::Loop : std::enable_shared_from_this<Loop> {
  using Batch = std::vector<Finished<Work>>;

  Loop(bus::Reactor& r, pg::Worker& w, bus::CommandClient& g, WorkStore<Work>& s, MakeCommand<Work> m,
       Settings limits, Random& random, metrics::Registry& metrics, log::Log& l)
      : settings(std::move(limits)),
        core({settings.claim_batch,
              settings.most_open,
              settings.poll,
              {settings.pause_first, settings.pause_cap}},
             random),
        reactor(r),
        worker(w),
        gateways(g),
        store(s),
        make_command(std::move(m)),
        meter(settings.service, metrics),
        log(l),
        timer(r) {}

  const Settings settings;
  DispatchCore core;
  bus::Reactor& reactor;
  pg::Worker& worker;
  bus::CommandClient& gateways;
  WorkStore<Work>& store;
  const MakeCommand<Work> make_command;
  Meter meter;
  log::Log& log;
  bus::Timer timer;
  Batch finished;
  std::shared_ptr<const Batch> settling;  // and the parts in which it is recorded
  pg::SplitPlan plan;
  bool claim_refused = false;  // the latest one: the next goes piece by piece

  [[nodiscard]] MonoTime now() const { return reactor.clock().mono(); }

  void tick() {
    turn();
    timer.start(std::min(settings.poll, settings.pause_first), [this] { tick(); });
  }

  void turn() {
    settle();
    claim();
    meter.in_flight(gateways.in_flight());
  }

  void claim() {
    const std::size_t most = core.begin_claim(now(), gateways.credit());
    if (most == 0) return;
    // A moment more than a command can take, for its settlement.
    const Milliseconds hold = settings.time_to_live + settings.stanza_deadline + Milliseconds(5'000);
    worker.template submit<std::vector<Work>>(
        [&work_store = store, most, hold, apart = claim_refused](pqxx::transaction_base& tx) {
          auto works = apart ? work_store.claim_apart(tx, most, hold) : work_store.claim(tx, most, hold);
          if (!works.empty()) crash_point("dispatch.claimed");
          return works;
        },
        [weak = this->weak_from_this()](Result<std::vector<Work>, pg::DbError> claimed) {
          if (const auto self = weak.lock()) self->claimed(std::move(claimed));
        });
  }

  void claimed(Result<std::vector<Work>, pg::DbError> result) {
    if (!result) {
      log.error("claim_failed", {{"sqlstate", result.error().sqlstate}, {"text", result.error().text}});
      core.claimed(now(), 0);
      // What got no time gets no more of it piece by piece.
      if (result.error().fault == pg::Fault::kLoad) return;
      // Piece by piece at once; when that was refused too (at its commit), not before the next look.
      if (!std::exchange(claim_refused, true)) kick();
      return;
    }
    claim_refused = false;
    auto works = std::move(result).value();
    core.claimed(now(), works.size());
    if (!works.empty()) crash_point("dispatch.attempting");
    for (auto& work : works) start(std::make_shared<Work>(std::move(work)));
    turn();
  }

  /// What cannot even be made into a command must not take the service down, over and over.
  std::optional<bus::CommandResult> make(Work& work, v1::Command& command) {
    try {
      return make_command(work, command);
    } catch (const std::exception& error) {
      log.error("command_unmakeable", {{"action", action_name(command)}, {"detail", error.what()}});
      return bus::CommandResult{bus::CommandResult::Status::kFailed, "unmakeable", error.what(), {}};
    }
  }

  void kick() {
    core.kick();
    turn();
  }

  void start(std::shared_ptr<Work> work) {
    v1::Command command;
    if (auto answer = make(*work, command))
      return finish(std::move(*work), action_name(command), std::move(*answer));
    const std::string action = action_name(command);
    using Status = bus::CommandResult::Status;
    if (gateways.too_large(command))
      return finish(std::move(*work), action,
                    {Status::kFailed, "too-large", "the command is larger than a gateway takes", {}});
    const bool sent = gateways.send(std::move(command), settings.time_to_live,
                                    [weak = this->weak_from_this(), work, action](bus::CommandResult result) {
                                      const auto self = weak.lock();
                                      if (!self) return;
                                      self->finish(std::move(*work), action, std::move(result));
                                      self->turn();
                                    });
    if (!sent)
      finish(std::move(*work), action, {Status::kRetry, "no-credit", "no gateway gives credit for it", {}});
  }

  void finish(Work work, const std::string& action, bus::CommandResult result) {
    meter.attempt(action, result.status);
    using Ending = DispatchCore::Ending;
    core.finished(now(),
                  result.status == bus::CommandResult::Status::kRetry ? Ending::kRefused : Ending::kReached);
    // Words of others, on their way into the database: a NUL in them would have it refuse the whole batch.
    result.condition = printable(result.condition, kLongestConditionBytes);
    result.text = printable(result.text, kLongestTextBytes);
    finished.push_back({std::move(work), std::move(result)});
  }

  void settle() {
    if (core.begin_settle() == 0) return;
    settling = std::make_shared<const Batch>(std::exchange(finished, {}));
    plan = pg::SplitPlan(settling->size());
    settle_next_part();
  }

  void settle_next_part() {
    const auto part = plan.next();
    if (!part) {
      settling.reset();
      core.settled();
      return turn();
    }
    record(
        [&work_store = store, batch = settling, part = *part](pqxx::transaction_base& tx) {
          if (part.size() == batch->size()) return work_store.settle(tx, *batch);
          const auto at = [&](std::size_t place) {
            return batch->begin() + static_cast<std::ptrdiff_t>(place);
          };
          work_store.settle(tx, Batch(at(part.begin), at(part.end)));
        },
        [this](const std::optional<pg::DbError>& error) { part_settled(error); });
  }

  void part_settled(const std::optional<pg::DbError>& error) {
    if (error && plan.split(pg::ways_to_split(error->fault))) return settle_next_part();
    if (error && error->fault == pg::Fault::kLoad) return leave(*error);
    if (error) return bury(*error);
    plan.done();
    settle_next_part();
  }

  /// The database may just be slow, which makes no dead letter: it stays attempting, is due again after its
  /// hold, and ends by time if this never ends.
  void leave(const pg::DbError& why) {
    log.error("settle_left", {{"sqlstate", why.sqlstate}, {"text", why.text}});
    plan.done();
    settle_next_part();
  }

  /// The culprit stands alone.
  void bury(const pg::DbError& why) {
    log.error("settle_refused",
              {{"sqlstate", why.sqlstate}, {"constraint", why.constraint}, {"text", why.text}});
    record([&work_store = store, batch = settling, place = plan.next()->begin,
            why](pqxx::transaction_base& tx) { work_store.bury(tx, (*batch)[place], why); },
           [this](const std::optional<pg::DbError>& error) {
             // The database takes nothing about it at all: it stays attempting and is due again after its
             // hold, alone.
             if (error) log.error("bury_refused", {{"sqlstate", error->sqlstate}, {"text", error->text}});
             plan.done();
             settle_next_part();
           });
  }

  void record(std::function<void(pqxx::transaction_base&)> job,
              std::function<void(const std::optional<pg::DbError>&)> done) {
    worker.template submit<bool>(
        [job = std::move(job)](pqxx::transaction_base& tx) {
          job(tx);
          crash_point("dispatch.recorded");
          return true;
        },
        [weak = this->weak_from_this(), done = std::move(done)](Result<bool, pg::DbError> result) {
          crash_point("dispatch.settled");
          if (weak.lock()) done(result ? std::nullopt : std::optional(result.error()));
        });
  }
};

}  // namespace rostrum::dispatch
