// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "common/log/log.hpp"
#include "common/pg/worker.hpp"
#include "services/presence/adapters/meter.hpp"

namespace rostrum::presence {

/// Sees now and then that the history has partitions for the months to come and that old ones go. Nothing
/// waits for it: what is told of a month without a partition has its place in the default one, and moves when
/// its own is made. Belongs to the reactor's thread.
class HistoryKeeper {
 public:
  HistoryKeeper(bus::Reactor& reactor, pg::Worker& worker, int months, const Clock& clock, Meter& meter,
                log::Log& log);
  ~HistoryKeeper();
  HistoryKeeper(const HistoryKeeper&) = delete;
  HistoryKeeper& operator=(const HistoryKeeper&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;  // answers that come after the end find it gone
};

}  // namespace rostrum::presence
