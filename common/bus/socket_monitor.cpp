// SPDX-License-Identifier: Apache-2.0
#include "common/bus/socket_monitor.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <sstream>
#include <utility>

#include <zmq.hpp>

namespace rostrum::bus {

namespace {

constexpr int kEventsPerTurn = 256;
constexpr int kWatched = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
                         ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                         ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED;

std::optional<SocketNews> news_of(std::uint16_t event, std::uint32_t value) {
  using Kind = SocketNews::Kind;
  switch (event) {
    case ZMQ_EVENT_ACCEPTED:
      return SocketNews{Kind::kAccepted, "accepted", static_cast<int>(value)};
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
      return SocketNews{Kind::kHandshakeSucceeded, "handshake done"};
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
      return SocketNews{Kind::kRefused, "our key is refused (" + std::to_string(value) + ")", -1,
                        LinkTrouble::kUnknownKey};
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      return SocketNews{Kind::kHandshakeFailed, "handshake broken off: not CURVE, or not the key we expect",
                        -1, LinkTrouble::kServerKey};
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
      // EAGAIN: HANDSHAKE_IVL went by. A handler's 300 looks like this, for it is answered with silence.
      if (value == EAGAIN)
        return SocketNews{Kind::kHandshakeFailed, "no answer to the handshake", -1,
                          LinkTrouble::kSilentHandshake};
      return SocketNews{
          Kind::kHandshakeFailed,
          "handshake broken off by the other side: " + std::string(zmq_strerror(static_cast<int>(value))), -1,
          LinkTrouble::kServerKey};
    case ZMQ_EVENT_DISCONNECTED:
      return SocketNews{Kind::kDisconnected, "disconnected", static_cast<int>(value)};
    case ZMQ_EVENT_CLOSED:
      return SocketNews{Kind::kDisconnected, "no connection", -1, LinkTrouble::kUnreachable};
    default:
      return std::nullopt;
  }
}

}  // namespace

struct SocketMonitor::State {
  Reactor& reactor;
  zmq::socket_t& watched;
  zmq::socket_t events;
  std::function<void(SocketNews)> on_news;

  /// False: nothing more has happened.
  bool read_one() {
    zmq::message_t header;
    zmq::message_t address;
    if (!events.recv(header, zmq::recv_flags::dontwait) || !events.recv(address, zmq::recv_flags::dontwait))
      return false;
    std::uint16_t event = 0;
    std::uint32_t value = 0;
    if (header.size() != sizeof event + sizeof value) return true;
    std::memcpy(&event, header.data<char>(), sizeof event);
    std::memcpy(&value, header.data<char>() + sizeof event, sizeof value);
    if (auto news = news_of(event, value)) {
      const auto tell = on_news;
      tell(std::move(*news));
    }
    return true;
  }
};

SocketMonitor::SocketMonitor(Reactor& reactor, zmq::socket_t& watched,
                             std::function<void(SocketNews)> on_news)
    : state_(new State{reactor, watched, zmq::socket_t(reactor.context(), zmq::socket_type::pair),
                       std::move(on_news)}) {
  std::ostringstream endpoint;
  endpoint << "inproc://monitor-" << state_.get();
  if (zmq_socket_monitor(watched.handle(), endpoint.str().c_str(), kWatched) != 0) throw zmq::error_t();
  state_->events.set(zmq::sockopt::linger, 0);
  // Without a limit: libzmq's thread, which carries everybody's messages, would wait for us.
  state_->events.set(zmq::sockopt::rcvhwm, 0);
  state_->events.connect(endpoint.str());
  reactor.watch(state_->events, [this] { read(); });
}

void SocketMonitor::read() {
  const auto state = state_;
  for (int events = 0; events < kEventsPerTurn && state->read_one(); ++events) {
    if (state.use_count() == 1) return;  // the listener has destroyed this monitor
  }
}

SocketMonitor::~SocketMonitor() {
  state_->reactor.unwatch(state_->events);
  zmq_socket_monitor(state_->watched.handle(), nullptr, 0);
}

}  // namespace rostrum::bus
