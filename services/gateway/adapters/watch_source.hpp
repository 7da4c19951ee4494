// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "services/gateway/adapters/presence_source.hpp"
#include "services/gateway/adapters/session.hpp"
#include "services/gateway/core/watch.hpp"

namespace rostrum::gateway {

/// The server's module tells (docs/presence-watch.md).
class WatchSource final : public PresenceSource {
 public:
  WatchSource(const Clock& clock, Session& session, PresenceAddresses addresses, std::uint64_t epoch,
              OnSeen on_seen);

  void online() override;
  void offline() override;
  void tick() override;
  bool take_message(const gloox::Tag& message) override;

 private:
  void perform(const Watch::Step& step);
  void ask();
  void answered(const gloox::Tag& iq);
  [[nodiscard]] MonoTime now() const { return clock_.mono(); }

  const Clock& clock_;
  Session& session_;
  std::string domain_;
  std::uint64_t epoch_;
  OnSeen on_seen_;
  Watch watch_;
  std::uint64_t asked_ = 0;  // how often; only the last answer counts
  bool announced_ = false;   // on this stream: members see that the site is there
};

}  // namespace rostrum::gateway
