// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/random.hpp"
#include "common/bus/event_intake.hpp"
#include "common/intake/domain.hpp"
#include "common/log/log.hpp"
#include "common/metrics/metrics.hpp"
#include "common/pg/worker.hpp"

namespace rostrum::intake {

/// Moves gathered events into the database, one transaction at a time: while one commit is flushing the next
/// batch gathers by itself, and is read on a thread of its own. How long the commits take decides how much
/// credit the intake gives (commit_pace.hpp). Each transaction: ledger rows (what is there already is a
/// duplicate, or a re-used id if its digest differs), the domain's rows, commit; then one answer for all.
/// Belongs to the reactor's thread.
///
/// It also decides when the intake is open: only while the database is there and the ledger has partitions
/// for the days to come; never again after drain().
class GroupCommit {
 public:
  struct Settings {
    std::string schema;  ///< whose `ledger` table, and name of the metrics: "registration", "notification"
    std::size_t max_events = 1'024;
    std::size_t max_bytes = std::size_t{4} * 1'024 * 1'024;
    bus::Load budget =
        bus::LinkLimits{}.for_all();  ///< the intake's; what the database's pace is held against
    Milliseconds horizon = std::chrono::hours(24 * 7);
    /// Instances take turns with the events of a source: for a domain that looks at what is there and then
    /// writes.
    bool in_turns = false;
    std::function<void(bool open)> on_open = [](bool) {};  ///< told whenever the intake is opened or closed
  };
  /// `intake` and `domain` must outlive `worker`, `random` this.
  GroupCommit(bus::Reactor& reactor, bus::EventIntake& intake, pg::Worker& worker, Domain& domain,
              Settings settings, Random& random, metrics::Registry& metrics, log::Log& log);
  ~GroupCommit();
  GroupCommit(const GroupCommit&) = delete;
  GroupCommit& operator=(const GroupCommit&) = delete;

  /// Called by the worker's on_up and on_down.
  void database_up();
  void database_down();
  /// Called by the intake's on_gathered.
  void kick();
  /// Called by the intake's on_rejected, so that all outcomes are counted in one place.
  void rejected_by_envelope(std::string_view type, int rejection_code);
  /// Closes the intake for good; what was gathered is still committed and answered.
  void drain();
  /// No transaction is at work and nothing waits.
  [[nodiscard]] bool idle() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // answers that come after the end find it gone
};

}  // namespace rostrum::intake
