// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/bus/reactor.hpp"
#include "common/metrics/metrics.hpp"
#include "common/pg/worker.hpp"

namespace rostrum::registration {

/// How many accounts there are in each state, and how late the oldest work is; asked of the database every
/// ten seconds.
class AccountGauges {
 public:
  AccountGauges(bus::Reactor& reactor, pg::Worker& worker, metrics::Registry& metrics);
  ~AccountGauges();

 private:
  struct State;
  std::shared_ptr<State> state_;  // answers that come after the end find it gone
};

}  // namespace rostrum::registration
