// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "common/log/log.hpp"
#include "common/pg/worker.hpp"
#include "services/notification/adapters/meter.hpp"

namespace rostrum::notification {

/// Lets open deliveries of expired notices expire, also while no gateway asks for work; at most so many at
/// once. How many.
std::size_t expire_overdue(pqxx::transaction_base& tx, std::size_t most, Meter& meter);

/// Ends deliveries that wait for accounts which became dead letters just now, at most so many at once. How
/// many.
std::size_t end_for_dead_accounts(pqxx::transaction_base& tx, std::size_t most, Meter& meter);

/// Numbers of the whole database for the gauges.
struct Totals {
  double notices_expanding;
  double notices_sending;
  double oldest_due_seconds;
};
[[nodiscard]] Totals read_totals(pqxx::transaction_base& tx);

/// What has to happen now and then: expiry, notices that have become done, the gauges. Belongs to the
/// reactor's thread.
class Sweeper {
 public:
  /// `meter` must outlive `worker`.
  Sweeper(bus::Reactor& reactor, pg::Worker& worker, Meter& meter, log::Log& log);

 private:
  void sweep();
  void look();

  pg::Worker& worker_;
  Meter& meter_;
  log::Log& log_;
  bus::Timer sweep_timer_;
  bus::Timer look_timer_;
};

}  // namespace rostrum::notification
