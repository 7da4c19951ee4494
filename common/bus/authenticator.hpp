// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/bus/authorized_keys.hpp"
#include "common/bus/reactor.hpp"

namespace rostrum::bus {

/// The ZAP handler (ZeroMQ RFC 27) of this process: lets a CURVE client in if its key is in the authorized
/// keys, and marks its messages with that key. Bound before any socket binds; without one, binding a link is
/// an invariant broken. Everything else (NULL, PLAIN, unknown key, malformed request, other domain) is
/// refused with 400; while no keys could be read, with 300 so that peers come back by themselves.
///
/// Looks at the directory every second and re-reads it when it has changed (new, gone or touched files); a
/// directory that became unreadable keeps the last good keys and says so.
class Authenticator {
 public:
  struct Settings {
    std::string directory;
    /// Told of every change and mistake, for log and metrics.
    std::function<void(const std::string& text, bool good)> on_reload = [](const std::string&, bool) {};
    /// Told of every refused handshake: why, and the key as the peer showed it (may be empty).
    std::function<void(const std::string& reason, const std::string& key)> on_refused =
        [](const std::string&, const std::string&) {};
    /// How often the directory is looked at.
    Milliseconds look_every{1'000};
  };
  Authenticator(Reactor& reactor, Settings settings);
  ~Authenticator();
  Authenticator(const Authenticator&) = delete;
  Authenticator& operator=(const Authenticator&) = delete;

  /// The keys in force now: authority is looked up here for every message, so that a revoked key's next
  /// message is refused.
  [[nodiscard]] const AuthorizedKeys& keys() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rostrum::bus
