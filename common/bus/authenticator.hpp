// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/bus/key_folder.hpp"
#include "common/bus/reactor.hpp"

namespace rostrum::bus {

/// The ZAP handler (ZeroMQ RFC 27) of this process: lets a CURVE client in if its key is in force, and marks
/// its messages with that key. Bound before any socket binds; without one, binding a link is an invariant
/// broken. Everything else (NULL, PLAIN, unknown key, malformed request, other domain) is refused with 400.
///
/// Looks at the folder twice a second and reads it again when it has changed (new, gone or touched files,
/// other modes). A file with a mistake grants nothing, the others stay in force. While the folder itself
/// cannot be read, or others may write it, nobody's key is in force, and who knocks is answered 300, so that
/// he comes back by himself.
class Authenticator {
 public:
  /// Why a handshake was refused.
  enum class Reason {
    kKey,        ///< its key is unknown, or its file is wrong
    kFolder,     ///< the folder is not trusted: nobody comes in
    kMechanism,  ///< not CURVE, or not our domain
  };
  struct Settings {
    std::string directory;
    /// Told whenever the folder has changed, and what is wrong with it; for log, metrics and health.
    std::function<void(const KeyFolder& folder)> on_read = [](const KeyFolder&) {};
    /// Told of every refused handshake, with the key as the peer showed it (may be empty).
    std::function<void(Reason why, const std::string& text, const std::string& key)> on_refused =
        [](Reason, const std::string&, const std::string&) {};
    /// How often the folder is looked at.
    Milliseconds look_every{500};
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
