// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/bus/link_trouble.hpp"
#include "common/bus/reactor.hpp"

namespace rostrum::bus {

/// What libzmq tells about a socket's connections.
struct SocketNews {
  enum class Kind { kAccepted, kHandshakeSucceeded, kRefused, kHandshakeFailed, kDisconnected };
  Kind kind;
  std::string text;
  int descriptor = -1;  ///< of kAccepted and, on the binding side, kDisconnected: which connection
  LinkTrouble trouble = LinkTrouble::kNone;  ///< of the connecting side
};

/// Listens to one socket's connections. To be made before the socket binds or connects, and destroyed before
/// it.
class SocketMonitor {
 public:
  SocketMonitor(Reactor& reactor, zmq::socket_t& watched, std::function<void(SocketNews)> on_news);
  ~SocketMonitor();
  SocketMonitor(const SocketMonitor&) = delete;
  SocketMonitor& operator=(const SocketMonitor&) = delete;

  /// Tells at once what has happened so far. The reactor calls it too.
  void read();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace rostrum::bus
