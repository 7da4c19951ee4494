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
#include "common/bus/command_client.hpp"
#include "common/dispatch/dispatch_core.hpp"
#include "common/dispatch/meter.hpp"
#include "common/log/log.hpp"
#include "common/metrics/metrics.hpp"
#include "common/pg/worker.hpp"
#include "rostrum/v1/command.pb.h"

namespace rostrum::dispatch {

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
  /// Records what became of them, in one statement per table.
  virtual void settle(pqxx::transaction_base& tx, const std::vector<Finished<Work>>& finished) = 0;
};

/// Turns claimed work into a command; may instead answer at once with a result of its own (e.g. expired).
/// Called on the reactor.
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
/// Belongs to the reactor's thread.
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
        [&work_store = store, most, hold](pqxx::transaction_base& tx) {
          auto works = work_store.claim(tx, most, hold);
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
      return;
    }
    auto works = std::move(result).value();
    core.claimed(now(), works.size());
    if (!works.empty()) crash_point("dispatch.attempting");
    for (auto& work : works) start(std::make_shared<Work>(std::move(work)));
    turn();
  }

  void start(std::shared_ptr<Work> work) {
    v1::Command command;
    if (auto answer = make_command(*work, command))
      return finish(std::move(*work), action_name(command), std::move(*answer));
    const std::string action = action_name(command);
    const bool sent = gateways.send(std::move(command), settings.time_to_live,
                                    [weak = this->weak_from_this(), work, action](bus::CommandResult result) {
                                      const auto self = weak.lock();
                                      if (!self) return;
                                      self->finish(std::move(*work), action, std::move(result));
                                      self->turn();
                                    });
    if (!sent)
      finish(std::move(*work), action,
             {bus::CommandResult::Status::kRetry, "no-credit", "no gateway gives credit", {}});
  }

  void finish(Work work, const std::string& action, bus::CommandResult result) {
    meter.attempt(action, result.status);
    using Ending = DispatchCore::Ending;
    core.finished(now(),
                  result.status == bus::CommandResult::Status::kRetry ? Ending::kRefused : Ending::kReached);
    finished.push_back({std::move(work), std::move(result)});
  }

  void settle() {
    if (core.begin_settle() == 0) return;
    auto batch = std::make_shared<const Batch>(std::exchange(finished, {}));
    worker.template submit<bool>(
        [&work_store = store, batch](pqxx::transaction_base& tx) {
          work_store.settle(tx, *batch);
          crash_point("dispatch.recorded");
          return true;
        },
        [weak = this->weak_from_this()](Result<bool, pg::DbError> result) {
          if (const auto self = weak.lock()) self->settled(result);
        });
  }

  void settled(const Result<bool, pg::DbError>& result) {
    crash_point("dispatch.settled");
    // Refused for good: the work stays attempting and is due again after its hold; nothing is lost, nothing
    // is done twice at once.
    if (!result)
      log.error("settle_failed", {{"sqlstate", result.error().sqlstate}, {"text", result.error().text}});
    core.settled();
    turn();
  }
};

}  // namespace rostrum::dispatch
