// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/presence_metrics.hpp"

namespace rostrum::gateway {

PresenceMetrics::PresenceMetrics(metrics::Registry& registry)
    : registry_(registry),
      owner_(registry.gauge("rostrum_gateway_presence_owner",
                            "Whether this gateway owns the domain's presence, by a lease that holds.")),
      epoch_(
          registry.gauge("rostrum_gateway_presence_epoch", "Epoch under which it owns it; 0: it does not.")),
      whole_(registry.gauge("rostrum_gateway_presence_whole",
                            "Whether it knows everybody who is online, and has told them all.")),
      resources_(
          registry.gauge("rostrum_gateway_presence_resources", "Resources of members that are online.")),
      pending_(registry.gauge("rostrum_gateway_presence_pending",
                              "Changes that wait to be told to the presence service.")),
      unconfirmed_(registry.gauge("rostrum_gateway_presence_unconfirmed",
                                  "Observations that were told and are not stored yet.")) {
  // Each series from the start: a rate over a series that begins with its first event misses that event.
  for (const auto* kind : {"available", "unavailable", "snapshot_began", "snapshot_ended", "view_lost"})
    observations(kind);
  for (const auto reason : {SnapshotReason::kView, SnapshotReason::kGap, SnapshotReason::kOverflow})
    snapshots(reason);
  for (int reason = 0; reason <= static_cast<int>(kLastDistrust); ++reason)
    not_believed(static_cast<Distrust>(reason));
}

void PresenceMetrics::show(const Reporter& reporter, bool lease_holds) {
  owner_.set(reporter.epoch() > 0 && lease_holds ? 1 : 0);
  epoch_.set(static_cast<double>(reporter.epoch()));
  whole_.set(reporter.whole() && lease_holds ? 1 : 0);
  resources_.set(static_cast<double>(reporter.table().size()));
  pending_.set(static_cast<double>(reporter.pending()));
  unconfirmed_.set(static_cast<double>(reporter.unconfirmed()));
}

void PresenceMetrics::told(const Observation& observation) {
  observations(label(observation.what)).add();
}

void PresenceMetrics::snapshot(SnapshotReason reason) {
  snapshots(reason).add();
}

void PresenceMetrics::ignored(Distrust reason) {
  not_believed(reason).add();
}

metrics::Counter& PresenceMetrics::observations(std::string_view kind) {
  return registry_.counter("rostrum_gateway_presence_observations_total",
                           "Observations told to the presence service, repeats included, by kind.",
                           {{"kind", std::string(kind)}});
}

metrics::Counter& PresenceMetrics::snapshots(SnapshotReason reason) {
  return registry_.counter("rostrum_gateway_presence_snapshots_total",
                           "Snapshots that were begun, by what made them necessary.",
                           {{"reason", std::string(label(reason))}});
}

metrics::Counter& PresenceMetrics::not_believed(Distrust reason) {
  return registry_.counter("rostrum_gateway_presence_ignored_total",
                           "Presence, or parts of it, that was told and not believed, by reason.",
                           {{"reason", std::string(label(reason))}});
}

}  // namespace rostrum::gateway
