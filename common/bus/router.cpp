// SPDX-License-Identifier: Apache-2.0
#include "common/bus/router.hpp"

#include <cerrno>
#include <set>
#include <stdexcept>
#include <utility>

#include <zmq.hpp>

#include "common/bus/socket_monitor.hpp"
#include "common/bus/socket_profile.hpp"

namespace rostrum::bus {

namespace {

constexpr int kReadsPerTurn = 16;  // the socket itself takes turns between peers
constexpr int kLastAnswersMs = 500;

std::string user_id(zmq::message_t& part) {
  const char* value = zmq_msg_gets(part.handle(), "User-Id");
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

struct Router::State {
  State(Reactor& r, const BindSettings& settings, Handlers h)
      : reactor(r),
        handlers(std::move(h)),
        socket(r.context(), zmq::socket_type::router),
        monitor(r, socket, [this](const SocketNews& news) { hear(news); }),
        beat(r) {
    apply_profile(socket, {settings.own, std::nullopt}, settings.limits.max_frame_bytes);
    allow_ipv6_for(socket, settings.listen);
    try {
      socket.bind(settings.listen);
    } catch (const zmq::error_t& error) {
      throw std::runtime_error("cannot listen on " + settings.listen + ": " + error.what());
    }
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
      handlers.on_beat();
    });
  }
  // Refusals for lack of authority are told by the Authenticator; this is about those who do not even speak
  // CURVE.
  void hear(const SocketNews& news) const {
    if (news.kind == SocketNews::Kind::kHandshakeFailed)
      handlers.on_link({LinkEvent::Kind::kRefused, "", news.text});
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
      handlers.on_message(*message);
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
