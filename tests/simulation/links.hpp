// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/bus/connection_core.hpp"
#include "common/bus/peer_table.hpp"
#include "tests/simulation/network.hpp"

namespace rostrum::simulation {

/// What a link's connecting side sends: the frame as bytes, and the key it has proved to hold.
struct Sent {
  std::string key;
  std::string bytes;
};

/// The connecting side of a link: bus::Connection's twin. The core decides, the network carries; the socket
/// always takes a frame.
class ConnectingSide {
 public:
  struct Handlers {
    std::function<void(const bus::WelcomeFrame&)> on_begun;
    std::function<void()> on_ended;
    std::function<void(bus::Frame)> on_frame;
  };
  ConnectingSide(World& world, Network& network, std::string name, const bus::PublicKey& own,
                 bus::LinkKind link, std::vector<std::string> endpoints, Handlers handlers);
  ~ConnectingSide();
  ConnectingSide(const ConnectingSide&) = delete;
  ConnectingSide& operator=(const ConnectingSide&) = delete;

  void send(const bus::Frame& frame);

 private:
  void perform(bus::ConnectionEffects effects);
  void perform_one(bus::OpenSocket& effect);
  void perform_one(bus::FindAddresses& effect);
  void perform_one(bus::CloseSocket& effect);
  void perform_one(bus::SendHello& effect);
  void perform_one(bus::ConversationBegun& effect);
  void perform_one(bus::ConversationEnded& effect);
  void perform_one(bus::FrameArrived& effect);
  void perform_one(bus::LinkEvent& effect);
  void opened(ConnectionPtr connection);
  void watch();

  World& world_;
  Network& network_;
  std::string name_;
  std::vector<std::string> endpoints_;
  bus::PublicKey own_;
  bus::LinkKind link_;
  Handlers handlers_;
  bus::ConnectionCore core_;
  ConnectionPtr connection_;
  std::uint64_t socket_ = 0;  ///< which of those opened is the present one
  MonoTime watching_ = MonoTime::max();
  Life life_;
};

/// The binding side of a link up to its core: bus::Router's twin.
class BindingSide {
 public:
  struct Handlers {
    std::function<void(const bus::IncomingMessage&)> on_message;
    std::function<void(const std::string& route)> on_dropped;
    std::function<bool()> has_room;
    std::function<void()> on_beat;
  };
  BindingSide(World& world, Network& network, std::string address, Handlers handlers);
  ~BindingSide();
  BindingSide(const BindingSide&) = delete;
  BindingSide& operator=(const BindingSide&) = delete;

  void perform(const bus::PeerEffects& effects);
  /// There may be room again.
  void resume();

 private:
  void accept(const ConnectionPtr& connection);
  void lost(const std::string& route);
  void beat();

  World& world_;
  Network& network_;
  std::string address_;
  Handlers handlers_;
  std::uint64_t last_route_ = 0;
  std::map<std::string, ConnectionPtr> routes_;
  std::deque<bus::IncomingMessage> waiting_;
  Life life_;
};

}  // namespace rostrum::simulation
