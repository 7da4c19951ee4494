// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "common/bus/reactor.hpp"
#include "common/metrics/metrics.hpp"
#include "common/pg/worker.hpp"

namespace rostrum::dispatch {

/// What a service shows of its dead letters: rostrum_<service>_dead_letters{reason}, how many there are now,
/// and how many were made, replayed and dropped. All but those made are asked of the database, of the view
/// <service>.dead_letters and the table <service>.dead_letter_total: they are the same at every instance.
class DeadLetters {
 public:
  DeadLetters(const std::string& service, metrics::Registry& metrics);
  ~DeadLetters();

  /// So many more, by this process; usable from any thread.
  void made(std::size_t how_many) { made_.add(static_cast<double>(how_many)); }
  /// From now on asks the database every so often. On the reactor, which must outlive this; `worker` too.
  void watch(bus::Reactor& reactor, pg::Worker& worker, Milliseconds every);

 private:
  struct Watch;
  const std::string service_;
  metrics::Registry& metrics_;
  metrics::Counter& made_;
  std::shared_ptr<Watch> watch_;  // answers that come after the end find it gone
};

}  // namespace rostrum::dispatch
