// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "common/bus/reactor.hpp"
#include "common/dispatch/dead_letters.hpp"
#include "common/log/log.hpp"
#include "common/pg/worker.hpp"

namespace rostrum::registration {

/// Gives up accounts that nobody holds and that have waited for longer than `patience`, at most so many at
/// once. How many there were.
std::size_t give_up_overdue(pqxx::transaction_base& tx, Milliseconds patience, std::size_t most,
                            dispatch::DeadLetters& dead_letters);

/// Has nothing wait for ever, also while no gateway is there to ask for work. Belongs to the reactor's
/// thread.
class AccountSweeper {
 public:
  /// `dead_letters` must outlive `worker`.
  AccountSweeper(bus::Reactor& reactor, pg::Worker& worker, Milliseconds patience,
                 dispatch::DeadLetters& dead_letters, log::Log& log);

 private:
  void sweep();

  pg::Worker& worker_;
  const Milliseconds patience_;
  dispatch::DeadLetters& dead_letters_;
  log::Log& log_;
  bus::Timer timer_;
};

}  // namespace rostrum::registration
