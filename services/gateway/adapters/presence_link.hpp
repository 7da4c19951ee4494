// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/bus/observation_publisher.hpp"
#include "common/metrics/http_port.hpp"
#include "common/service/link_report.hpp"
#include "services/gateway/adapters/presence_metrics.hpp"
#include "services/gateway/adapters/presence_session.hpp"
#include "services/gateway/core/lease_holder.hpp"
#include "services/gateway/core/reporter.hpp"

namespace rostrum::gateway {

/// Presence of the domain, from the lease to the last observation: claims it, keeps a presence session while
/// it is ours, tells the presence service what that sees.
class PresenceLink {
 public:
  struct Settings {
    PresenceAddresses addresses;
    PresenceSourceKind source;
    bus::ConnectSettings service;
  };
  /// A presence session needs its settings anew each time: secrets are not copied behind one's back.
  using MakeSettings = std::function<SessionSettings()>;
  using OnMessage = PresenceSession::OnMessage;
  PresenceLink(SessionTools tools, Settings settings, MakeSettings session, metrics::Health::Part& health,
               OnMessage on_message);

  /// Says whether all is well, as far as /readyz asks.
  void look();
  /// Tells that nobody sees the domain any more, gives it back, claims no more.
  void stop();
  /// Nothing of what stop() does is left to do.
  [[nodiscard]] bool at_rest() const { return lease_.at_rest() && reporter_.at_rest() && closed(); }
  /// Ends all of it, whatever is left.
  void close();
  [[nodiscard]] bool closed() const { return session_ == nullptr && retired_.empty(); }

 private:
  void perform(const LeaseHolder::Effects& effects);
  void perform_one(const LeaseHolder::SendClaim& effect);
  void perform_one(const LeaseHolder::SendRelease& effect);
  void perform_one(const LeaseHolder::Own& effect);
  void perform_one(const LeaseHolder::Disown& effect);

  void see(const Sighting& seen);
  void see_one(const ViewBegan& seen);
  void see_one(const ViewWhole& seen);
  void see_one(const ViewLost& seen);
  void see_one(const Came& seen);
  void see_one(const Went& seen) { reporter_.see(seen, now()); }
  void see_one(const Vanished& seen) { reporter_.see(seen, now()); }
  void see_one(const Superseded& seen);
  void see_one(const Unfit& seen);
  void see_one(const Distrusted& seen) { metrics_.ignored(seen.reason); }

  [[nodiscard]] bus::ObservationPublisher::Handlers handlers();
  void answered(const bus::LeaseAnswerFrame& answer);
  void stored(const bus::ObservationsStoredFrame& answer);
  void show();
  void tell_soon();
  void tell();
  void let_go_when_told();
  void retire_session();
  void see_off();
  void pulse();
  [[nodiscard]] std::string trouble() const;
  [[nodiscard]] MonoTime now() const { return clock_.mono(); }

  const Clock& clock_;
  SessionTools tools_;
  Settings settings_;
  std::string domain_;
  MakeSettings make_settings_;
  metrics::Health::Part& health_;
  OnMessage on_message_;
  PresenceMetrics metrics_;
  SessionMetrics session_metrics_;  // its series from the start, and while there is no session
  LeaseHolder lease_;
  Reporter reporter_;
  bool seen_whole_ = false;
  bool stopping_ = false;
  service::LinkReport report_;
  std::string unfit_because_;
  std::unique_ptr<PresenceSession> session_;
  std::vector<std::unique_ptr<PresenceSession>> retired_;  // until their streams have ended
  bus::Timer pulse_timer_;
  bus::Timer tell_timer_;
  bus::Timer retire_timer_;
  bus::ObservationPublisher publisher_;
};

}  // namespace rostrum::gateway
