// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <set>
#include <string>

#include "common/base/clock.hpp"
#include "common/metrics/metrics.hpp"
#include "services/presence/adapters/observation_reader.hpp"
#include "services/presence/core/transactions.hpp"

namespace rostrum::presence {

/// What this service counts; all names begin with rostrum_presence_. What is stored is counted after its
/// commit.
class Meter {
 public:
  explicit Meter(metrics::Registry& registry);

  void stored(const Tally& tally);
  void dropped(Flaw flaw, std::size_t observations = 1);
  void committed(std::size_t observations, MonoTime::duration took);
  void waiting(std::size_t observations) { waiting_.set(static_cast<double>(observations)); }
  void claimed(Decision::Outcome outcome);
  void released() { released_.add(); }
  void swept(std::size_t sessions) { swept_.add(static_cast<double>(sessions)); }

  void history_kept(WallTime at);

  // Of the whole database, read from it now and then.
  void members(double online, double offline, double unknown);
  void resources(double count) { resources_.set(count); }
  void domain_known(const std::string& domain, bool known);

 private:
  metrics::Registry& registry_;
  std::array<metrics::Counter*, std::tuple_size_v<decltype(Tally::observations)>> observations_;
  metrics::Counter& repeats_;
  metrics::Counter& stale_;
  metrics::Counter& behind_gap_;
  metrics::Counter& malformed_;
  metrics::Counter& foreign_;
  metrics::Counter& granted_;
  metrics::Counter& renewed_;
  metrics::Counter& refused_;
  metrics::Counter& released_;
  metrics::Counter& to_online_;
  metrics::Counter& to_changed_;
  metrics::Counter& to_offline_;
  metrics::Counter& swept_;
  metrics::Histogram& batch_observations_;
  metrics::Histogram& commit_seconds_;
  metrics::Gauge& waiting_;
  metrics::Gauge& online_;
  metrics::Gauge& offline_;
  metrics::Gauge& unknown_;
  metrics::Gauge& resources_;
  metrics::Gauge& history_kept_;
};

}  // namespace rostrum::presence
