// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "common/log/log.hpp"
#include "common/metrics/health.hpp"
#include "common/metrics/metrics.hpp"
#include "common/pg/worker.hpp"

namespace rostrum::database {

/// What a service shows of one of its connections to the database, for log, metrics and /readyz: whether it
/// is there, and each attempt that failed by what is not the data's fault
/// (rostrum_<service>_database_failures_total). Work that is repeated is not silent: a line at once, and now
/// and then while it lasts. Belongs to the reactor's thread.
class Report {
 public:
  /// What is done there, in log and metrics: "intake", "delivery". The part of /readyz is `health`.
  struct Place {
    std::string service;
    std::string connection;
  };
  Report(log::Log& log, metrics::Registry& registry, metrics::Health::Part& health, const Clock& clock,
         Place place);

  /// For the worker of this connection, which must not outlive this.
  [[nodiscard]] pg::Worker::Handlers handlers(std::function<void()> on_up, std::function<void()> on_down);

  /// Between lines about the same SQLSTATE.
  static constexpr std::chrono::seconds kSayEvery{30};

 private:
  metrics::Counter& failures(const std::string& sqlstate);
  void up();
  void down(const std::string& why);
  void trouble(const pg::Failure& failure);
  void relief();

  log::Log& log_;
  metrics::Registry& registry_;
  metrics::Health::Part& health_;
  const Clock& clock_;
  const Place place_;
  std::optional<MonoTime> since_;         ///< of the trouble that is not over
  std::uint64_t failed_ = 0;              ///< attempts since then
  std::map<std::string, MonoTime> said_;  ///< by SQLSTATE
};

}  // namespace rostrum::database
