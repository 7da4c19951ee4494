// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include "common/log/log.hpp"
#include "common/pg/worker.hpp"

namespace rostrum::presence {

/// Sees that the history has partitions for the months to come and that old ones go, and thereby decides
/// whether observations may come in: only while the database is there and the partitions are; never again
/// after drain(). Belongs to the reactor's thread.
class HistoryKeeper {
 public:
  /// `on_open` is told whenever it changes whether observations may come in, or is said again.
  HistoryKeeper(bus::Reactor& reactor, pg::Worker& worker, int months, log::Log& log,
                std::function<void(bool open)> on_open);
  ~HistoryKeeper();
  HistoryKeeper(const HistoryKeeper&) = delete;
  HistoryKeeper& operator=(const HistoryKeeper&) = delete;

  /// Called by the worker's on_up and on_down.
  void database_up();
  void database_down();
  void drain();

 private:
  struct State;
  std::shared_ptr<State> state_;  // answers that come after the end find it gone
};

}  // namespace rostrum::presence
