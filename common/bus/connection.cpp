// SPDX-License-Identifier: Apache-2.0
#include "common/bus/connection.hpp"

#include <utility>

#include <zmq.hpp>

#include "common/bus/socket_monitor.hpp"
#include "common/bus/socket_profile.hpp"

namespace rostrum::bus {

namespace {

constexpr int kReadsPerTurn = 32;

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace

/// One attempt: a socket, its monitor and its place in the reactor.
struct Connection::Line {
  Line(Connection& c, const std::string& endpoint)
      : connection(c),
        socket(c.reactor_.context(), zmq::socket_type::dealer),
        monitor(c.reactor_, socket, [this](const SocketNews& news) { connection.hear(*this, news); }) {
    apply_profile(socket, {c.own_, c.server_}, kMaxAnswerBytes);
    allow_ipv6_for(socket, endpoint);
    socket.connect(endpoint);
    c.reactor_.watch(
        socket, [&c] { c.read(); },
        [&c] {
          if (c.hello_due_)
            c.say_hello();
          else
            c.handlers_.on_writable();
        });
    watched = true;
  }
  ~Line() {
    if (watched) connection.reactor_.unwatch(socket);
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  Connection& connection;
  zmq::socket_t socket;
  SocketMonitor monitor;
  bool watched = false;
  bool is_lost = false;  // and what it has brought is read: it takes nothing more
};

Connection::Connection(Reactor& reactor, Random& random, const ConnectSettings& settings, LinkKind link,
                       Handlers handlers)
    : reactor_(reactor),
      own_(settings.own.duplicate()),
      server_(settings.server),
      link_(link),
      handlers_(std::move(handlers)),
      book_(reactor, random, settings.endpoints, settings.look_up,
            {.on_found = [this] { step(core_.found(book_.addresses(), reactor_.clock().mono())); },
             .on_not_found = [this](const std::string& endpoint,
                                    const std::string& why) { not_found(endpoint, why); },
             .on_looked =
                 [this] {
                   core_.looked(reactor_.clock().mono());
                   step({});
                 }}),
      core_({book_.addresses(), link, settings.answer_deadline, {settings.retry_first, settings.retry_cap}},
            random, reactor.clock().mono()),
      timer_(reactor) {
  step({});
}

Connection::~Connection() = default;

bool Connection::writable() {
  if (!line_ || line_->is_lost) return false;
  if ((line_->socket.get(zmq::sockopt::events) & ZMQ_POLLOUT) != 0) return true;
  reactor_.ask_writable(line_->socket);
  return false;
}

void Connection::send(const Frame& frame) {
  const std::string bytes = encode(frame);
  if (line_ && line_->socket.send(zmq::buffer(bytes), zmq::send_flags::dontwait)) return;
  // What was not taken is sent again by the next conversation.
  step(core_.failed(LinkEvent::Kind::kLost, "the connection takes nothing more", reactor_.clock().mono()));
}

void Connection::step(ConnectionEffects effects) {
  for (auto& effect : effects) perform(effect);
  const auto wait = std::chrono::ceil<Milliseconds>(core_.wake_at() - reactor_.clock().mono());
  timer_.start(std::max(wait, Milliseconds{0}), [this] { step(core_.tick(reactor_.clock().mono())); });
}

void Connection::perform(ConnectionEffect& effect) {
  std::visit(Overloaded{
                 [&](const OpenSocket& todo) { open(todo.endpoint); },
                 [&](const FindAddresses&) { book_.look(); },
                 [&](const CloseSocket&) { line_.reset(); },
                 [&](const SendHello&) { say_hello(); },
                 [&](const ConversationBegun& begun) { handlers_.on_begun(begun.welcome); },
                 [&](const ConversationEnded&) { handlers_.on_ended(); },
                 [&](FrameArrived& arrived) { handlers_.on_frame(std::move(arrived.frame)); },
                 [&](const LinkEvent& event) { handlers_.on_link(event); },
             },
             effect);
}

void Connection::open(const std::string& endpoint) {
  try {
    line_ = std::make_unique<Line>(*this, endpoint);
  } catch (const zmq::error_t& error) {
    step(core_.failed(LinkEvent::Kind::kLost, "cannot connect there: " + std::string(error.what()),
                      reactor_.clock().mono()));
  }
}

void Connection::not_found(const std::string& endpoint, const std::string& why) {
  handlers_.on_link(
      {LinkEvent::Kind::kUnresolved, endpoint, "cannot find its address: " + why, LinkTrouble::kUnresolved});
}

void Connection::say_hello() {
  hello_due_ = !writable();
  if (!hello_due_) send(HelloFrame{kProtocolVersion, link_});
}

void Connection::hear(Line& line, const SocketNews& news) {
  // What came before the end is heard before it: an answer that is not heard makes its question be asked
  // again.
  if (news.kind == SocketNews::Kind::kDisconnected) read_rest(line);
  if (line_.get() != &line) return;  // something in it was reason enough to end it
  const auto now = reactor_.clock().mono();
  switch (news.kind) {
    case SocketNews::Kind::kAccepted:
      return;  // of the binding side
    case SocketNews::Kind::kHandshakeSucceeded:
      return step(core_.handshake_succeeded(now));
    case SocketNews::Kind::kRefused:
      return step(core_.failed(LinkEvent::Kind::kRefused, news.text, now, news.trouble));
    case SocketNews::Kind::kHandshakeFailed:
    case SocketNews::Kind::kDisconnected:
      return step(core_.failed(LinkEvent::Kind::kLost, news.text, now, news.trouble));
  }
}

void Connection::read() {
  const Line& line = *line_;
  for (int reads = 0; reads < kReadsPerTurn && read_one(line); ++reads) {
  }
}

/// Of a connection that is gone: libzmq keeps no more than a hundred messages.
void Connection::read_rest(Line& line) {
  line.is_lost = true;
  while (read_one(line)) {
  }
}

/// False: nothing more is there, or the line has been ended.
bool Connection::read_one(const Line& line) {
  zmq::message_t message;
  if (!line_->socket.recv(message, zmq::recv_flags::dontwait)) return false;
  bool more_parts = message.more();
  for (zmq::message_t rest; more_parts; more_parts = rest.more()) {
    if (!line_->socket.recv(rest, zmq::recv_flags::dontwait)) break;
    message.rebuild();
  }
  step(core_.received(message.empty() ? std::nullopt : decode(message.to_string_view()),
                      reactor_.clock().mono()));
  return line_.get() == &line;
}

}  // namespace rostrum::bus
