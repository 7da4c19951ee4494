// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "services/gateway/adapters/presence_source.hpp"
#include "services/gateway/adapters/session.hpp"
#include "services/gateway/core/roster_view.hpp"

namespace rostrum::gateway {

/// Members' ordinary presence tells (RFC 6121 §4), for any server and a few hundred members.
class RosterSource final : public PresenceSource {
 public:
  RosterSource(const Clock& clock, Session& session, PresenceAddresses addresses, OnSeen on_seen);

  void online() override;
  void offline() override;
  void tick() override;
  void on_barrier() override { tell(view_.barrier_reached()); }
  void take_presence(const gloox::Tag& presence) override;
  void take_roster_push(const gloox::Tag& iq) override;

 private:
  void ask();
  void answered(const gloox::Tag& iq);
  void tell(const Sightings& seen) const;

  const Clock& clock_;
  Session& session_;
  std::string domain_;
  OnSeen on_seen_;
  RosterView view_;
  MonoTime ask_again_ = MonoTime::max();
  std::uint64_t barriers_ = 0;
};

}  // namespace rostrum::gateway
