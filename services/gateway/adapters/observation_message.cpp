// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/observation_message.hpp"

#include <algorithm>

#include "common/base/result.hpp"
#include "rostrum/v1/presence.pb.h"

namespace rostrum::gateway {
namespace {

v1::Show code(Show show) {
  switch (show) {
    case Show::kOnline:
      return v1::SHOW_ONLINE;
    case Show::kChat:
      return v1::SHOW_CHAT;
    case Show::kAway:
      return v1::SHOW_AWAY;
    case Show::kXa:
      return v1::SHOW_XA;
    case Show::kDnd:
      return v1::SHOW_DND;
  }
  fail_invariant("a Show without a code", __FILE__, __LINE__);
}

std::string jid_of(const ResourceName& name, const std::string& domain) {
  return std::string(name.localpart()) + "@" + domain;
}

struct Fill {
  v1::Observation& message;
  const std::string& domain;

  void operator()(const Observation::Available& what) const {
    auto& available = *message.mutable_available();
    available.set_jid(jid_of(what.name, domain));
    available.set_resource(std::string(what.name.resource()));
    available.set_show(code(what.state.show));
    available.set_priority(what.state.priority);
    available.set_status(what.state.status);
  }
  void operator()(const Observation::Unavailable& what) const {
    auto& unavailable = *message.mutable_unavailable();
    unavailable.set_jid(jid_of(what.name, domain));
    unavailable.set_resource(std::string(what.name.resource()));
    unavailable.set_ending(what.how == Departure::kLeft ? v1::ENDING_LEFT : v1::ENDING_DROPPED);
  }
  void operator()(const Observation::SnapshotBegan&) const { message.mutable_snapshot_began(); }
  void operator()(const Observation::SnapshotEnded&) const { message.mutable_snapshot_ended(); }
  void operator()(const Observation::ViewLost& what) const {
    message.mutable_view_lost()->set_reason(what.reason);
  }
};

}  // namespace

std::uint64_t age_ms(MonoTime happened, MonoTime now) {
  if (happened == kUnknownMoment) return 0;
  const auto age = std::chrono::duration_cast<Milliseconds>(now - happened);
  return static_cast<std::uint64_t>(std::max<Milliseconds::rep>(1, age.count()));
}

bus::ObservationsFrame coded(const ObservationFrame& frame, const std::string& domain, MonoTime now) {
  bus::ObservationsFrame result{domain, frame.epoch, frame.first_sequence, {}};
  result.observations.reserve(frame.observations.size());
  for (const auto* observation : frame.observations) {
    v1::Observation message;
    message.set_age_ms(age_ms(observation->happened, now));
    std::visit(Fill{message, domain}, observation->what);
    result.observations.push_back(message.SerializeAsString());
  }
  return result;
}

}  // namespace rostrum::gateway
