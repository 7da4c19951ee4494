// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/service/flow_gauges.hpp"

namespace rostrum::service {

FlowGauges::FlowGauges(const std::string& prefix, const std::string& items, metrics::Registry& registry)
    : waiting_bytes_(
          registry.gauge(prefix + "_waiting_bytes", "Bytes of what was received and is not yet answered")),
      granted_items_(
          registry.gauge(prefix + "_granted_" + items,
                         "What all peers together may still send by the credit they have; 0 while closed")),
      granted_bytes_(registry.gauge(prefix + "_granted_bytes", "The same in bytes")),
      budget_items_(registry.gauge(prefix + "_budget_" + items,
                                   "What may wait of all peers together: the limit, or less by the pace of a "
                                   "database; 0 while closed")),
      budget_bytes_(registry.gauge(prefix + "_budget_bytes", "The same in bytes")) {}

void FlowGauges::show(const bus::IntakeFlow& flow) {
  waiting_bytes_.set(static_cast<double>(flow.waiting.bytes));
  granted_items_.set(static_cast<double>(flow.granted.items));
  granted_bytes_.set(static_cast<double>(flow.granted.bytes));
  budget_items_.set(static_cast<double>(flow.budget.items));
  budget_bytes_.set(static_cast<double>(flow.budget.bytes));
}

}  // namespace rostrum::service
