// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "common/bus/address_book.hpp"
#include "common/bus/connection_core.hpp"
#include "common/bus/reactor.hpp"
#include "common/bus/socket_monitor.hpp"

namespace rostrum::bus {

/// The connecting side's socket, for all links: carries out what ConnectionCore decides.
class Connection {
 public:
  struct Handlers {
    std::function<void(const WelcomeFrame&)> on_begun;
    std::function<void()> on_ended;
    std::function<void(Frame)> on_frame;
    std::function<void(const LinkEvent&)> on_link;
    std::function<void()> on_writable;  ///< after writable() said no
  };
  /// Connects by itself, from the reactor's next turn on.
  Connection(Reactor& reactor, Random& random, const ConnectSettings& settings, LinkKind link,
             Handlers handlers);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Whether a frame would be taken now; if not, on_writable follows.
  [[nodiscard]] bool writable();
  /// Only when writable().
  void send(const Frame& frame);

 private:
  struct Line;
  void step(ConnectionEffects effects);
  void perform(ConnectionEffect& effect);
  void open(const std::string& endpoint);
  void not_found(const std::string& endpoint, const std::string& why);
  void hear(Line& line, const SocketNews& news);
  void read();
  void read_rest(Line& line);
  bool read_one(const Line& line);
  void say_hello();

  Reactor& reactor_;
  KeyPair own_;
  PublicKey server_;
  LinkKind link_;
  Handlers handlers_;
  AddressBook book_;
  ConnectionCore core_;
  bool hello_due_ = false;
  std::unique_ptr<Line> line_;
  Timer timer_;
};

}  // namespace rostrum::bus
