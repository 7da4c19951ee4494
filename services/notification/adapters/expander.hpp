// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "common/log/log.hpp"
#include "common/pg/worker.hpp"
#include "services/notification/adapters/meter.hpp"

namespace rostrum::notification {

/// Makes some deliveries, in one transaction; how many notices it worked on. 0: there was nothing to do.
std::size_t expand_some(pqxx::transaction_base& tx, Meter& meter);

/// The same after the database refused that: notice by notice and, of a page that is refused, by parts. A
/// member whose delivery cannot be made gets a dead letter (`not-storable`) instead, and where not even that
/// can be stored the notice is one; the others get theirs. What takes the database too long is begun again
/// where it stopped, until the notice expires. How many notices it worked on, without those that stand still.
std::size_t expand_apart(pqxx::transaction_base& tx, Meter& meter, log::Log& log);

/// Turns notices into deliveries as long as there is something to expand, page by page, on a database thread
/// of its own. Several instances work on different notices; what a dead one left is resumed at its cursor.
/// Belongs to the reactor's thread.
class Expander {
 public:
  /// `on_expanded` is called after each transaction that made something. `meter` must outlive `worker`.
  Expander(bus::Reactor& reactor, pg::Worker& worker, Meter& meter, log::Log& log,
           std::function<void()> on_expanded);

  /// There may be something to expand.
  void kick();
  /// Nothing more is begun.
  void drain() { draining_ = true; }
  [[nodiscard]] bool idle() const { return !at_work_; }

 private:
  void tick();
  void ended(const Result<std::size_t, pg::DbError>& notices);

  pg::Worker& worker_;
  Meter& meter_;
  log::Log& log_;
  const std::function<void()> on_expanded_;
  bus::Timer timer_;
  bool at_work_ = false;
  bool kicked_ = false;
  bool refused_ = false;  // the latest transaction: the next goes notice by notice
  bool draining_ = false;
};

}  // namespace rostrum::notification
