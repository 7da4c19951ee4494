// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <gloox/tag.h>

#include "services/gateway/core/sighting.hpp"

namespace rostrum::gateway {

/// How the presence session learns who is online: says what to ask over the stream, reads what comes.
class PresenceSource {
 public:
  using OnSeen = std::function<void(const Sighting& seen)>;
  virtual ~PresenceSource() = default;

  /// The stream stands, or is gone.
  virtual void online() = 0;
  virtual void offline() = 0;
  /// Several times a second.
  virtual void tick() {}
  virtual void on_barrier() {}

  /// True: the message was meant for it.
  virtual bool take_message(const gloox::Tag&) { return false; }
  virtual void take_presence(const gloox::Tag&) {}
  virtual void take_roster_push(const gloox::Tag&) {}
};

}  // namespace rostrum::gateway
