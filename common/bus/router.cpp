// SPDX-License-Identifier: Apache-2.0
#include "common/bus/router.hpp"

#include <cerrno>
#include <set>
#include <stdexcept>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>
#include <zmq.hpp>

#include "common/bus/connection_table.hpp"
#include "common/bus/socket_monitor.hpp"
#include "common/bus/socket_profile.hpp"

namespace rostrum::bus {

namespace {

constexpr int kReadsPerTurn = 16;  // the socket itself takes turns between peers
constexpr int kLastAnswersMs = 500;
// After a restart all peers are back at once; whoever does not fit waits a second for TCP's next try. The
// kernel has a limit of its own (net.core.somaxconn, 4,096).
constexpr int kBacklog = 4'096;

/// ROUTER's own routing ids begin with a zero byte (ZeroMQ RFC 28). What a peer chose for itself may have
/// been another's before, whose answers are still on their way.
bool is_given_by_router(const std::string& route) {
  return route.size() == 5 && route.front() == '\0';
}

std::uint16_t port_of(const std::string& endpoint) {
  return static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1)));
}

/// libzmq owns the descriptor and may have closed it a moment ago: nothing is shut down but a connection to
/// this port. Its peer is told nothing; libzmq closes it when it sees the end.
void shut_down(int descriptor, std::uint16_t port) {
  sockaddr_storage local{};
  socklen_t size = sizeof local;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&local), &size) != 0) return;
  if (local.ss_family != AF_INET && local.ss_family != AF_INET6) return;
  // The port has the same place in both kinds of address.
  if (ntohs(reinterpret_cast<const sockaddr_in*>(&local)->sin_port) == port)
    ::shutdown(descriptor, SHUT_RDWR);
}

std::string user_id(zmq::message_t& part) {
  const char* value = zmq_msg_gets(part.handle(), "User-Id");
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

struct Router::State {
  State(Reactor& r, const BindSettings& settings, Handlers h)
      : reactor(r),
        handlers(std::move(h)),
        on_connections(settings.on_connections),
        connections({settings.limits.max_silent, settings.limits.max_peers + settings.limits.max_silent}),
        socket(r.context(), zmq::socket_type::router),
        monitor(r, socket, [this](const SocketNews& news) { hear(news); }),
        beat(r) {
    apply_profile(socket, {settings.own, std::nullopt}, settings.limits.max_frame_bytes);
    allow_ipv6_for(socket, settings.listen);
    socket.set(zmq::sockopt::backlog, kBacklog);
    try {
      socket.bind(settings.listen);
    } catch (const zmq::error_t& error) {
      throw std::runtime_error("cannot listen on " + settings.listen + ": " + error.what());
    }
    port = port_of(socket.get(zmq::sockopt::last_endpoint));
    watch();
    next_beat();
  }
  ~State() {
    if (watching) reactor.unwatch(socket);
    socket.set(zmq::sockopt::linger, kLastAnswersMs);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void watch() {
    reactor.watch(socket, [this] { read(); });
    watching = true;
  }
  void next_beat() {
    beat.start(kSignOfLife, [this] {
      next_beat();
      for (const auto& route : std::exchange(to_cut, {}))
        carry_out(connections.cut(route, ConnectionTable::Cut::kRevoked));
      handlers.on_beat();
      report.connections = connections.size();
      report.silent = connections.silent();
      on_connections(std::exchange(report, {}));
    });
  }
  void hear(const SocketNews& news) {
    switch (news.kind) {
      case SocketNews::Kind::kAccepted:
        return carry_out(connections.accepted(news.descriptor));
      case SocketNews::Kind::kDisconnected:
        return connections.closed(news.descriptor);
      case SocketNews::Kind::kHandshakeFailed:
        return handlers.on_link({LinkEvent::Kind::kRefused, "", news.text});
      case SocketNews::Kind::kHandshakeSucceeded:
      case SocketNews::Kind::kRefused:  // told by the Authenticator
        return;
    }
  }
  void carry_out(const std::optional<ConnectionTable::Order>& order) {
    if (!order) return;
    shut_down(order->descriptor, port);
    using Cut = ConnectionTable::Cut;
    ++(order->why == Cut::kSilent    ? report.cut_silent
       : order->why == Cut::kExcess  ? report.cut_excess
       : order->why == Cut::kRevoked ? report.cut_revoked
                                     : report.cut_routing_id);
  }
  // The monitor tells later than the messages come, and a descriptor's number is soon given again.
  void note_speaker(zmq::message_t& part, const std::string& route) {
    const int descriptor = zmq_msg_get(part.handle(), ZMQ_SRCFD);
    if (descriptor < 0 || connections.spoke(descriptor, route)) return;
    monitor.read();
    static_cast<void>(connections.spoke(descriptor, route));
  }

  void read() {
    for (int reads = 0; reads < kReadsPerTurn; ++reads) {
      if (!handlers.has_room()) {
        reactor.unwatch(socket);  // what is not read waits at its senders
        watching = false;
        return;
      }
      auto message = receive();
      if (!message) return;
      if (is_given_by_router(message->route))
        handlers.on_message(*message);
      else
        carry_out(connections.cut(message->route, ConnectionTable::Cut::kRoutingId));
    }
  }

  std::optional<IncomingMessage> receive() {
    zmq::message_t route;
    if (!socket.recv(route, zmq::recv_flags::dontwait)) return std::nullopt;
    IncomingMessage message{route.to_string(), {}, 0, {}};
    bool more = route.more();
    while (more) {
      zmq::message_t part;
      if (!socket.recv(part, zmq::recv_flags::dontwait)) break;
      // The name is taken from the payload: the route's own metadata does not survive a poll.
      if (++message.parts == 1) {
        message.key = user_id(part);
        note_speaker(part, message.route);
        message.bytes = part.to_string();
      }
      more = part.more();
    }
    return message;
  }

  /// False: the peer is gone (EHOSTUNREACH), or has left a hundred answers unread.
  bool send(const OutgoingFrame& outgoing) {
    try {
      const std::string bytes = encode(outgoing.frame);
      const auto flags = zmq::send_flags::dontwait;
      if (!socket.send(zmq::buffer(outgoing.route), flags | zmq::send_flags::sndmore)) return false;
      return socket.send(zmq::buffer(bytes), flags).has_value();
    } catch (const zmq::error_t& error) {
      if (error.num() == EHOSTUNREACH) return false;
      throw;
    }
  }

  Reactor& reactor;
  Handlers handlers;
  std::function<void(const ConnectionReport&)> on_connections;
  ConnectionTable connections;
  ConnectionReport report{};
  std::set<std::string> to_cut;  ///< at the next beat, when they have heard why
  std::uint16_t port = 0;
  zmq::socket_t socket;
  SocketMonitor monitor;
  bool watching = false;
  Timer beat;
};

Router::Router(Reactor& reactor, const BindSettings& settings, Handlers handlers)
    : state_(std::make_unique<State>(reactor, settings, std::move(handlers))) {}

Router::~Router() = default;

std::vector<std::string> Router::perform(const PeerEffects& effects) {
  std::set<std::string> gone;
  for (const auto& outgoing : effects.send) {
    if (!gone.contains(outgoing.route) && !state_->send(outgoing)) gone.insert(outgoing.route);
  }
  state_->to_cut.insert(effects.cut.begin(), effects.cut.end());
  for (const auto& event : effects.tell) state_->handlers.on_link(event);
  return {gone.begin(), gone.end()};
}

void Router::resume() {
  if (!state_->watching && state_->handlers.has_room()) state_->watch();
}

std::string Router::endpoint() const {
  return state_->socket.get(zmq::sockopt::last_endpoint);
}

}  // namespace rostrum::bus
