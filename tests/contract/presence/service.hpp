// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/bus/reactor.hpp"
#include "tests/contract/presence/scripted_gateway.hpp"
#include "tests/contract/presence/world.hpp"
#include "tests/contract/registration/child.hpp"
#include "tests/support/temporary_folder.hpp"

namespace rostrum::presence {

/// The real executable on a real database, told by gateways that are this test: everything over real sockets.
class Service : public World {
 protected:
  /// One process of rostrum-presence, with ports of its own.
  struct Instance {
    std::string name;
    int port;
    int http_port;
    std::unique_ptr<rostrum::test::Child> process = {};
  };

  void SetUp() override;
  void start(Instance& instance);
  void kill(Instance& instance);
  /// SIGTERM; the exit code.
  int stop(Instance& instance);
  Instance& another_instance();

  /// Which knows these endpoints, and all keys are right.
  std::unique_ptr<ScriptedGateway> gateway(const std::vector<const Instance*>& instances);
  std::unique_ptr<ScriptedGateway> gateway() { return gateway({&one}); }

  /// Turns the reactor until the condition holds.
  void until(const std::string& what, const std::function<bool()>& condition);
  [[nodiscard]] static std::string get(const Instance& instance, const std::string& path);
  /// -1: there is no such series.
  [[nodiscard]] static double metric(const Instance& instance, const std::string& series);
  [[nodiscard]] std::string log(const Instance& instance) const;
  /// "anna/phone away, ben/desk online": the devices that are online.
  [[nodiscard]] std::string online() const;

  SystemRandom random;
  bus::Reactor reactor{clock};
  bus::KeyPair service_key = bus::make_key_pair();
  bus::KeyPair gateway_key = bus::make_key_pair();
  rostrum::test::TemporaryFolder folder;
  Instance one{"one", rostrum::test::free_port(), rostrum::test::free_port()};

 private:
  [[nodiscard]] std::string configuration(const Instance& instance) const;
  std::vector<std::unique_ptr<Instance>> others_;
};

}  // namespace rostrum::presence
