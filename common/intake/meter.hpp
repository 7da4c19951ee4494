// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/intake/verdict.hpp"
#include "common/metrics/metrics.hpp"

namespace rostrum::intake {

/// What an intake counts, under rostrum_<service>_…
class Meter {
 public:
  Meter(const std::string& service, metrics::Registry& registry);

  void event(std::string_view type, const Verdict& verdict);
  void envelope_rejected(std::string_view type, int rejection_code);
  void committed(std::size_t events, MonoTime::duration took);
  void waiting(std::size_t events) { waiting_.set(static_cast<double>(events)); }

 private:
  void count(std::string_view type, const std::string& outcome);

  const std::string prefix_;
  metrics::Registry& registry_;
  metrics::Histogram& batch_events_;
  metrics::Histogram& commit_seconds_;
  metrics::Gauge& waiting_;
};

}  // namespace rostrum::intake
