// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/session_metrics.hpp"

#include <initializer_list>

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
                        "direction", "in")) {
  // Each series from the start: a rate over a series that begins with its first event misses that event.
  for (const auto loss : {StreamLoss::kUnreachable, StreamLoss::kSilent, StreamLoss::kDropped,
                          StreamLoss::kClosed, StreamLoss::kNotSecure, StreamLoss::kNotAuthentic,
                          StreamLoss::kConflict, StreamLoss::kProtocol, StreamLoss::kOverflow})
    losses(loss);
  for (const auto fault :
       {StanzaFault::kTooLarge, StanzaFault::kTooDeep, StanzaFault::kTooManyElements,
        StanzaFault::kTooManyAttributes, StanzaFault::kForbiddenMarkup, StanzaFault::kBadReference,
        StanzaFault::kForbiddenCharacter, StanzaFault::kStreamPrefix, StanzaFault::kMalformed})
    dropped(fault);
  for (const auto rule : {Judgement::kOutOfPlace, Judgement::kForgedAnswer, Judgement::kForgedRosterPush,
                          Judgement::kForgedCarbon, Judgement::kPresence, Judgement::kNoSender})
    not_believed(rule);
}

void SessionMetrics::lost(StreamLoss loss) {
  losses(loss).add();
}

void SessionMetrics::hollow(StanzaFault fault) {
  dropped(fault).add();
}

void SessionMetrics::disbelieved(Judgement judgement) {
  not_believed(judgement).add();
}

metrics::Counter& SessionMetrics::losses(StreamLoss loss) {
  return counter(registry_, "rostrum_gateway_stream_losses_total",
                 "Streams and attempts that ended, by reason.", session_, "reason", label(loss));
}

metrics::Counter& SessionMetrics::dropped(StanzaFault fault) {
  return counter(registry_, "rostrum_gateway_stanzas_dropped_total",
                 "Incoming elements that the guard threw away, by reason.", session_, "reason", label(fault));
}

metrics::Counter& SessionMetrics::not_believed(Judgement judgement) {
  return counter(registry_, "rostrum_gateway_stanzas_disbelieved_total",
                 "Incoming elements that were not believed, by rule.", session_, "rule", label(judgement));
}

}  // namespace rostrum::gateway
