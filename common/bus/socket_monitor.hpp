// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/bus/reactor.hpp"

namespace rostrum::bus {

/// What libzmq tells about a socket's connections.
struct SocketNews {
  enum class Kind { kHandshakeSucceeded, kRefused, kHandshakeFailed, kDisconnected };
  Kind kind;
  std::string text;
};

/// Listens to one socket's connections. To be made before the socket binds or connects, and destroyed before
/// it.
class SocketMonitor {
 public:
  SocketMonitor(Reactor& reactor, zmq::socket_t& watched, std::function<void(SocketNews)> on_news);
  ~SocketMonitor();
  SocketMonitor(const SocketMonitor&) = delete;
  SocketMonitor& operator=(const SocketMonitor&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rostrum::bus
