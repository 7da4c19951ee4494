// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/metrics/metrics.hpp"
#include "services/gateway/core/observation.hpp"
#include "services/gateway/core/presence_check.hpp"
#include "services/gateway/core/reporter.hpp"

namespace rostrum::gateway {

/// The time series of presence in this gateway.
class PresenceMetrics {
 public:
  explicit PresenceMetrics(metrics::Registry& registry);

  /// `lease_holds`: others cannot have the domain yet.
  void show(const Reporter& reporter, bool lease_holds);
  void told(const Observation& observation);
  void snapshot(SnapshotReason reason);
  void ignored(Distrust reason);

 private:
  metrics::Counter& observations(std::string_view kind);
  metrics::Counter& snapshots(SnapshotReason reason);
  metrics::Counter& not_believed(Distrust reason);

  metrics::Registry& registry_;
  metrics::Gauge& owner_;
  metrics::Gauge& epoch_;
  metrics::Gauge& whole_;
  metrics::Gauge& resources_;
  metrics::Gauge& pending_;
  metrics::Gauge& unconfirmed_;
};

}  // namespace rostrum::gateway
