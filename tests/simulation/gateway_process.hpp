// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "common/bus/command_server_core.hpp"
#include "services/gateway/core/door.hpp"
#include "services/gateway/core/sender.hpp"
#include "tests/simulation/jabber_server.hpp"
#include "tests/simulation/links.hpp"
#include "tests/simulation/under_way.hpp"

namespace rostrum::simulation {

/// A stream to the Jabber server that comes back by itself.
class Stream {
 public:
  struct Handlers {
    std::function<void()> on_online;
    std::function<void()> on_offline;
    std::function<void(std::any&)> on_message;
  };
  Stream(World& world, Network& network, Handlers handlers);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void send(std::any message);
  /// Ends it; a new one is tried.
  void give_up();

 private:
  void connect();
  void connect_later();

  World& world_;
  Network& network_;
  Handlers handlers_;
  ConnectionPtr connection_;
  std::uint64_t attempt_ = 0;
  Life life_;
};

/// A gateway's part of the command link: command server, sender and account door. Twin of CommandServer,
/// CommandDesk, SenderSession and AccountDoor, which carry between these cores.
class GatewayProcess {
 public:
  GatewayProcess(World& world, Network& network, const std::string& address, const bus::AuthorizedKeys& keys,
                 UnderWay& under_way);
  ~GatewayProcess();
  GatewayProcess(const GatewayProcess&) = delete;
  GatewayProcess& operator=(const GatewayProcess&) = delete;

 private:
  struct Open {
    std::string what;  ///< "message to …", "account …"
    MonoTime deadline;
    bool begun = false;
  };

  void perform(const bus::CommandServerEffects& effects);
  void start(const bus::StartedCommand& started);
  void perform(gateway::Sender::Effects effects);
  void perform(gateway::Door::Effects effects);
  void perform_one(gateway::Sender::Transmit& effect);
  void perform_one(gateway::Sender::AskBarrier& effect) { sender_stream_.send(BarrierAsked{effect.number}); }
  void perform_one(gateway::Sender::Answer& effect) { conclude(effect.command, effect.outcome); }
  void perform_one(gateway::Sender::GiveUpStream&) { sender_stream_.give_up(); }
  void perform_one(gateway::Door::Transmit& effect);
  void perform_one(gateway::Door::Answer& effect) { conclude(effect.command, effect.outcome); }
  void perform_one(gateway::Door::GiveUpStream&) { door_stream_.give_up(); }
  void begun(const std::string& what);
  void conclude(const Uuid& command, const gateway::Outcome& outcome);
  void tick();
  void flush_soon();

  World& world_;
  std::string address_;
  const bus::AuthorizedKeys& keys_;
  UnderWay& under_way_;
  bus::CommandServerCore server_;
  gateway::Sender sender_;
  gateway::Door door_;
  std::map<Uuid, Open> open_;
  std::set<Uuid> started_;  ///< ever
  bool ticking_ = false;
  bool flushing_ = false;
  Life life_;
  Stream sender_stream_;
  Stream door_stream_;
  BindingSide side_;
};

}  // namespace rostrum::simulation
