// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "common/bus/event_intake.hpp"
#include "common/intake/domain.hpp"
#include "common/log/log.hpp"
#include "common/metrics/metrics.hpp"
#include "common/pg/worker.hpp"

namespace rostrum::intake {

/// Moves gathered events into the database, one transaction at a time: while one commit is flushing the next batch gathers by itself. Each transaction: ledger rows (what is there already is a
/// duplicate, or a re-used id if its digest differs), the domain's rows, commit; then one answer for all. Belongs to the reactor's thread.
class GroupCommit {
 public:
  struct Settings {
    std::string schema;  ///< whose `ledger` table: "registration", "notification"
    std::size_t max_events = 1'024;
    std::size_t max_bytes = 4 * 1024 * 1024;
    Milliseconds horizon = std::chrono::hours(24 * 7);
  };
  /// `domain` must outlive `worker`.
  GroupCommit(bus::Reactor& reactor, bus::EventIntake& intake, pg::Worker& worker, Domain& domain, Settings settings, metrics::Registry& metrics, log::Log& log);
  ~GroupCommit();
  GroupCommit(const GroupCommit&) = delete;
  GroupCommit& operator=(const GroupCommit&) = delete;

  /// Called by the intake's on_gathered.
  void kick();
  /// No transaction is at work and nothing waits.
  [[nodiscard]] bool idle() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rostrum::intake
