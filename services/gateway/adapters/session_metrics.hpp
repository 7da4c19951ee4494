// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "common/metrics/metrics.hpp"
#include "services/gateway/core/reconnect.hpp"
#include "services/gateway/core/stanza_check.hpp"
#include "services/gateway/core/stream_rules.hpp"

namespace rostrum::gateway {

/// The time series of one session.
class SessionMetrics {
 public:
  SessionMetrics(metrics::Registry& registry, std::string session);

  void online(bool online) { online_.set(online ? 1 : 0); }
  void output_bytes(std::size_t bytes) { output_bytes_.set(static_cast<double>(bytes)); }
  void sent() { sent_.add(); }
  void received() { received_.add(); }
  void lost(StreamLoss loss);
  void hollow(StanzaFault fault);
  void disbelieved(Judgement judgement);

 private:
  metrics::Counter& losses(StreamLoss loss);
  metrics::Counter& dropped(StanzaFault fault);
  metrics::Counter& not_believed(Judgement judgement);

  metrics::Registry& registry_;
  std::string session_;
  metrics::Gauge& online_;
  metrics::Gauge& output_bytes_;
  metrics::Counter& sent_;
  metrics::Counter& received_;
};

}  // namespace rostrum::gateway
