// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "common/bus/load.hpp"
#include "common/metrics/metrics.hpp"

namespace rostrum::service {

/// How full the binding side of a link is, beside the number of what waits: <prefix>_waiting_bytes,
/// _granted_…, _budget_…. To be shown now and then: it goes through all peers.
class FlowGauges {
 public:
  /// `items`: "events", "observations", "commands".
  FlowGauges(const std::string& prefix, const std::string& items, metrics::Registry& registry);

  void show(const bus::IntakeFlow& flow);

 private:
  metrics::Gauge& waiting_bytes_;
  metrics::Gauge& granted_items_;
  metrics::Gauge& granted_bytes_;
  metrics::Gauge& budget_items_;
  metrics::Gauge& budget_bytes_;
};

}  // namespace rostrum::service
