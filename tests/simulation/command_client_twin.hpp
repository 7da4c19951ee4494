// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/bus/command_client_core.hpp"
#include "rostrum/v1/command.pb.h"
#include "tests/simulation/links.hpp"
#include "tests/simulation/under_way.hpp"

namespace rostrum::simulation {

/// The asking side of the command link: bus::CommandClient's twin, around the same core.
class CommandClientTwin {
 public:
  using OnResult = std::function<void(bus::CommandResult)>;
  CommandClientTwin(World& world, Network& network, const std::string& name, const bus::PublicKey& own,
                    const std::vector<std::string>& gateways, Milliseconds stanza_deadline,
                    UnderWay& under_way, std::function<void()> on_credit);

  /// False: no gateway has credit, nothing was kept.
  [[nodiscard]] bool send(v1::Command command, Milliseconds time_to_live, OnResult on_result);
  [[nodiscard]] std::size_t credit() const { return core_.credit(); }

 private:
  using Index = bus::CommandClientCore::GatewayIndex;
  void receive(Index gateway, bus::Frame frame);
  void finish(std::vector<bus::EndedCommand> ended);
  void after_credit(Index gateway);
  void flush(Index gateway);
  void flush_soon();
  void watch_deadline();

  World& world_;
  std::string name_;
  Milliseconds stanza_deadline_;
  UnderWay& under_way_;
  std::function<void()> on_credit_;
  bus::CommandClientCore core_;
  struct Waiting {
    OnResult on_result;
    bool sent = false;
  };
  std::map<Uuid, Waiting> waiting_;
  MonoTime watching_ = MonoTime::max();
  bool flushing_ = false;
  bool starved_ = true;
  Life life_;
  std::vector<std::unique_ptr<ConnectingSide>> sides_;
};

}  // namespace rostrum::simulation
