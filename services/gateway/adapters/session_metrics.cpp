// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/session_metrics.hpp"

#include "services/gateway/core/stanza_guard.hpp"

namespace rostrum::gateway {
namespace {

metrics::Counter& counter(metrics::Registry& registry, const char* name, const char* help,
                          const std::string& session, const char* key, std::string_view value) {
  return registry.counter(name, help, {{"session", session}, {key, std::string(value)}});
}

}  // namespace

SessionMetrics::SessionMetrics(metrics::Registry& registry, std::string session)
    : registry_(registry),
      session_(std::move(session)),
      online_(registry.gauge("rostrum_gateway_stream_online",
                             "Whether the stream to the Jabber server stands.", {{"session", session_}})),
      output_bytes_(registry.gauge("rostrum_gateway_output_buffer_bytes",
                                   "Bytes that wait to be read by the Jabber server.",
                                   {{"session", session_}})),
      sent_(counter(registry, "rostrum_gateway_stanzas_total", "Stanzas sent and received.", session_,
                    "direction", "out")),
      received_(counter(registry, "rostrum_gateway_stanzas_total", "Stanzas sent and received.", session_,
                        "direction", "in")) {}

void SessionMetrics::lost(StreamLoss loss) {
  counter(registry_, "rostrum_gateway_stream_losses_total", "Streams and attempts that ended, by reason.",
          session_, "reason", label(loss))
      .add();
}

void SessionMetrics::hollow(StanzaFault fault) {
  counter(registry_, "rostrum_gateway_stanzas_dropped_total",
          "Incoming elements that the guard threw away, by reason.", session_, "reason", label(fault))
      .add();
}

void SessionMetrics::disbelieved(Judgement judgement) {
  counter(registry_, "rostrum_gateway_stanzas_disbelieved_total",
          "Incoming elements that were not believed, by rule.", session_, "rule", label(judgement))
      .add();
}

}  // namespace rostrum::gateway
