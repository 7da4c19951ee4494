// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace prometheus {
struct MetricFamily;
}

namespace rostrum::metrics {

/// What the operating system knows about this process, under the names that all Prometheus clients use, and
/// the version of this build.
[[nodiscard]] std::vector<prometheus::MetricFamily> process_metrics();

}  // namespace rostrum::metrics
