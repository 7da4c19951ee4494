// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/adapters/meter.hpp"

#include <vector>

namespace rostrum::presence {

namespace {

const std::vector<double> kObservations{1, 4, 16, 64, 256, 1'024, 4'096};
const std::vector<double> kSeconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30};

metrics::Counter& seen(metrics::Registry& registry, const char* kind) {
  return registry.counter("rostrum_presence_observations_total", "Observations stored, by what was seen",
                          {{"kind", kind}});
}
metrics::Counter& not_stored(metrics::Registry& registry, const char* reason) {
  return registry.counter("rostrum_presence_observations_dropped_total",
                          "Observations that came and were not stored, by reason", {{"reason", reason}});
}
metrics::Counter& claims(metrics::Registry& registry, const char* outcome) {
  return registry.counter("rostrum_presence_claims_total",
                          "Claims of gateways to own a domain, by what became of them",
                          {{"outcome", outcome}});
}
metrics::Counter& transitions(metrics::Registry& registry, const char* to) {
  return registry.counter("rostrum_presence_transitions_total",
                          "Changes of members' devices that were written, by what they came to",
                          {{"to", to}});
}
metrics::Gauge& state(metrics::Registry& registry, const char* state) {
  return registry.gauge("rostrum_presence_members",
                        "Present members by what is known of them; all unknown while the database is away",
                        {{"state", state}});
}

}  // namespace

Meter::Meter(metrics::Registry& registry)
    : registry_(registry),
      observations_{&seen(registry, "available"), &seen(registry, "unavailable"),
                    &seen(registry, "snapshot_began"), &seen(registry, "snapshot_ended"),
                    &seen(registry, "view_lost")},
      repeats_(not_stored(registry, "repeat")),
      stale_(not_stored(registry, "stale")),
      behind_gap_(not_stored(registry, "gap")),
      malformed_(not_stored(registry, "malformed")),
      foreign_(not_stored(registry, "foreign")),
      granted_(claims(registry, "granted")),
      renewed_(claims(registry, "renewed")),
      refused_(claims(registry, "refused")),
      released_(claims(registry, "released")),
      to_online_(transitions(registry, "online")),
      to_changed_(transitions(registry, "changed")),
      to_offline_(transitions(registry, "offline")),
      swept_(registry.counter("rostrum_presence_swept_total",
                              "Sessions that were closed because a snapshot did not name them")),
      batch_observations_(registry.histogram("rostrum_presence_batch_observations",
                                             "Observations handed to one transaction", kObservations)),
      commit_seconds_(registry.histogram(
          "rostrum_presence_commit_seconds",
          "From handing observations to the database to their commit, repeats included", kSeconds)),
      waiting_(
          registry.gauge("rostrum_presence_intake_waiting", "Observations received and not yet answered")),
      online_(state(registry, "online")),
      offline_(state(registry, "offline")),
      unknown_(state(registry, "unknown")),
      resources_(registry.gauge("rostrum_presence_resources",
                                "Devices of present members that are known to be online")),
      history_kept_(registry.gauge("rostrum_presence_history_kept_timestamp_seconds",
                                   "When the history's months were seen to last; 0: not since the start")) {}

void Meter::stored(const Tally& tally) {
  const auto add = [](metrics::Counter& counter, std::size_t count) {
    if (count > 0) counter.add(static_cast<double>(count));
  };
  for (std::size_t kind = 0; kind < observations_.size(); ++kind)
    add(*observations_[kind], tally.observations[kind]);
  add(repeats_, tally.repeats);
  add(stale_, tally.stale);
  add(behind_gap_, tally.behind_gap);
  add(to_online_, tally.to_online);
  add(to_changed_, tally.to_changed);
  add(to_offline_, tally.to_offline);
}

void Meter::dropped(Flaw flaw, std::size_t observations) {
  (flaw == Flaw::kForeign ? foreign_ : malformed_).add(static_cast<double>(observations));
}

void Meter::committed(std::size_t observations, MonoTime::duration took) {
  batch_observations_.observe(static_cast<double>(observations));
  commit_seconds_.observe(std::chrono::duration<double>(took).count());
}

void Meter::claimed(Decision::Outcome outcome) {
  switch (outcome) {
    case Decision::Outcome::kGranted:
      return granted_.add();
    case Decision::Outcome::kRenewed:
      return renewed_.add();
    case Decision::Outcome::kRefused:
      return refused_.add();
    case Decision::Outcome::kTooLate:
      return;  // who claimed has claimed again
  }
}

void Meter::members(double online, double offline, double unknown) {
  online_.set(online);
  offline_.set(offline);
  unknown_.set(unknown);
}

void Meter::history_kept(WallTime at) {
  history_kept_.set(std::chrono::duration<double>(at.time_since_epoch()).count());
}

void Meter::domain_known(const std::string& domain, bool known) {
  registry_
      .gauge("rostrum_presence_domain_known",
             "Whether it is known who is online in a domain that is served; 0 while the database is away",
             {{"domain", domain}})
      .set(known ? 1 : 0);
}

}  // namespace rostrum::presence
