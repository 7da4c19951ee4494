// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <set>
#include <string>

#include "common/pg/worker.hpp"
#include "services/presence/adapters/meter.hpp"

namespace rostrum::presence {

/// Reads now and then from the database how many are online, and which domains are known; while it is away
/// nothing is. Belongs to the reactor's thread.
class PresenceGauges {
 public:
  PresenceGauges(bus::Reactor& reactor, pg::Worker& worker, std::set<std::string> domains, Meter& meter);
  ~PresenceGauges();
  PresenceGauges(const PresenceGauges&) = delete;
  PresenceGauges& operator=(const PresenceGauges&) = delete;

  /// Called by the worker's on_down. What is asked for then is answered when it is up again.
  void database_down();

 private:
  struct State;
  std::shared_ptr<State> state_;  // answers that come after the end find it gone
};

}  // namespace rostrum::presence
