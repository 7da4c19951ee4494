// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>

#include "services/gateway/adapters/presence_source.hpp"
#include "services/gateway/adapters/session.hpp"

namespace rostrum::gateway {

enum class PresenceSourceKind { kModule, kRoster };

/// The site account's stream that is there for members and sees who else is: available with priority 0, so
/// that what members write to the site finds a resource. There is one for each period of ownership. Not to be
/// destroyed within what it calls.
class PresenceSession {
 public:
  using OnSeen = PresenceSource::OnSeen;
  using OnMessage = std::function<void(const gloox::Tag& message)>;
  /// `on_message` gets what is not about presence.
  PresenceSession(SessionTools tools, SessionSettings settings, PresenceSourceKind source,
                  PresenceAddresses addresses, std::uint64_t epoch, OnSeen on_seen, OnMessage on_message);

  /// From now on it sees nobody; messages are still handed on, until it is closed().
  void mute() { muted_ = true; }
  /// Not within what it calls.
  void close() { session_.stop(); }
  [[nodiscard]] bool closed() const { return session_.closed(); }
  [[nodiscard]] bool online() const { return session_.online(); }

 private:
  [[nodiscard]] Session::Handlers handlers();
  void tick();

  OnSeen on_seen_;
  OnMessage on_message_;
  bool muted_ = false;
  Session session_;
  std::unique_ptr<PresenceSource> source_;
  bus::Timer tick_timer_;
};

/// What this kind of session adds to the settings of a session of the site account.
[[nodiscard]] SessionSettings for_presence(SessionSettings settings, PresenceSourceKind source);

}  // namespace rostrum::gateway
