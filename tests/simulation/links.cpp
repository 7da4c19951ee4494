// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/links.hpp"

#include <algorithm>
#include <utility>

namespace rostrum::simulation {

namespace {

using End = Connection::End;

constexpr Milliseconds kAnswerDeadline{5'000};
constexpr Backoff kPause{Milliseconds(100), Milliseconds(2'000)};
/// Less often than the real one, for histories are long and beats are dull; often enough for the deadline.
constexpr Milliseconds kBeat{2'000};

}  // namespace

// --- connecting

ConnectingSide::ConnectingSide(World& world, Network& network, std::string name, const bus::PublicKey& own,
                               bus::LinkKind link, std::vector<std::string> endpoints, Handlers handlers)
    : world_(world),
      network_(network),
      name_(std::move(name)),
      endpoints_(std::move(endpoints)),
      own_(own),
      link_(link),
      handlers_(std::move(handlers)),
      core_({world.happens(2) ? endpoints_ : std::vector<std::string>{}, link, kAnswerDeadline, kPause},
            world.random(), world.now()) {
  watch();
}

ConnectingSide::~ConnectingSide() {
  if (connection_) connection_->close(End::kCaller);
}

void ConnectingSide::send(const bus::Frame& frame) {
  if (connection_) connection_->send(End::kCaller, Sent{own_.z85(), bus::encode(frame)});
}

void ConnectingSide::perform(bus::ConnectionEffects effects) {
  for (auto& effect : effects) std::visit([this](auto& one) { perform_one(one); }, effect);
  watch();
}

void ConnectingSide::perform_one(bus::OpenSocket& effect) {
  const auto of_this_socket = [this, socket = ++socket_](auto act) {
    return life_.guard([this, socket, act](auto&&... with) {
      if (socket == socket_) act(std::forward<decltype(with)>(with)...);
    });
  };
  network_.connect(effect.endpoint,
                   of_this_socket([this](ConnectionPtr connection) { opened(std::move(connection)); }),
                   of_this_socket([this] {
                     perform(core_.failed(bus::LinkEvent::Kind::kLost, "nobody listens there", world_.now()));
                   }));
}

void ConnectingSide::opened(ConnectionPtr connection) {
  connection_ = std::move(connection);
  connection_->attach(
      End::kCaller,
      {.on_message = life_.guard([this, weak = std::weak_ptr(connection_)](std::any& message) {
         if (weak.lock() == connection_)
           perform(core_.received(std::move(std::any_cast<bus::Frame&>(message)), world_.now()));
       }),
       .on_broken = life_.guard([this, weak = std::weak_ptr(connection_)] {
         if (weak.lock() != connection_) return;
         connection_.reset();
         perform(core_.failed(bus::LinkEvent::Kind::kLost, "the connection broke", world_.now()));
       })});
  perform(core_.handshake_succeeded(world_.now()));
}

/// The name service knows each endpoint as itself.
void ConnectingSide::perform_one(bus::FindAddresses&) {
  world_.after(world_.between(1, 5), life_.guard([this] {
    perform(core_.found(endpoints_, world_.now()));
    core_.looked(world_.now());
    watch();
  }));
}

void ConnectingSide::perform_one(bus::CloseSocket&) {
  ++socket_;
  if (const auto connection = std::exchange(connection_, nullptr)) connection->close(End::kCaller);
}

void ConnectingSide::perform_one(bus::SendHello&) {
  send(bus::HelloFrame{bus::kProtocolVersion, link_});
}

void ConnectingSide::perform_one(bus::ConversationBegun& effect) {
  handlers_.on_begun(effect.welcome);
}

void ConnectingSide::perform_one(bus::ConversationEnded&) {
  world_.count("conversations lost");
  handlers_.on_ended();
}

void ConnectingSide::perform_one(bus::FrameArrived& effect) {
  handlers_.on_frame(std::move(effect.frame));
}

void ConnectingSide::perform_one(bus::LinkEvent& effect) {
  world_.say(name_, " → ", effect.endpoint, ": ", effect.text);
  promise(effect.kind != bus::LinkEvent::Kind::kFrameRefused,
          "nobody who keeps to the contract is refused, but ", name_, " was by ", effect.endpoint, ": ",
          effect.text);
}

/// One look at a time is on its way; it sets the next one.
void ConnectingSide::watch() {
  const auto at = std::max(core_.wake_at(), world_.now());
  if (watching_ <= at && watching_ >= world_.now()) return;
  watching_ = at;
  world_.after(std::chrono::ceil<Milliseconds>(at - world_.now()), life_.guard([this, at] {
    if (watching_ != at) return;
    watching_ = MonoTime::max();
    perform(core_.tick(world_.now()));
  }));
}

// --- binding

BindingSide::BindingSide(World& world, Network& network, std::string address, Handlers handlers)
    : world_(world), network_(network), address_(std::move(address)), handlers_(std::move(handlers)) {
  network_.listen(address_, life_.guard([this](const ConnectionPtr& connection) { accept(connection); }));
  beat();
}

BindingSide::~BindingSide() {
  network_.stop_listening(address_);
  for (const auto& [route, connection] : routes_) connection->close(End::kListener);
}

void BindingSide::accept(const ConnectionPtr& connection) {
  const auto route = address_ + "/" + std::to_string(++last_route_);
  routes_.emplace(route, connection);
  connection->attach(End::kListener,
                     {.on_message = life_.guard([this, route](std::any& message) {
                        auto& sent = std::any_cast<Sent&>(message);
                        waiting_.push_back({route, std::move(sent.key), 1, std::move(sent.bytes)});
                        resume();
                      }),
                      .on_broken = life_.guard([this, route] { lost(route); })});
}

void BindingSide::lost(const std::string& route) {
  if (routes_.erase(route) == 0) return;
  std::erase_if(waiting_, [&](const auto& message) { return message.route == route; });
  handlers_.on_dropped(route);
}

void BindingSide::resume() {
  while (!waiting_.empty() && handlers_.has_room()) {
    const auto message = std::move(waiting_.front());
    waiting_.pop_front();
    handlers_.on_message(message);
  }
}

void BindingSide::perform(const bus::PeerEffects& effects) {
  for (const auto& [route, frame] : effects.send) {
    if (const auto found = routes_.find(route); found != routes_.end())
      found->second->send(End::kListener, frame);
  }
  for (const auto& route : effects.cut) {
    if (const auto found = routes_.find(route); found != routes_.end()) {
      found->second->close(End::kListener);
      lost(route);
    }
  }
}

void BindingSide::beat() {
  world_.after(kBeat, life_.guard([this] {
    handlers_.on_beat();
    beat();
  }));
}

}  // namespace rostrum::simulation
