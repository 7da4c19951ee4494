// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/simulation/command_client_twin.hpp"
#include "tests/simulation/dispatcher.hpp"
#include "tests/simulation/intake_twin.hpp"
#include "tests/simulation/notification_tables.hpp"
#include "tests/simulation/registration_tables.hpp"

namespace rostrum::simulation {

/// What an instance of a service finds when it starts.
struct Surroundings {
  World& world;
  Network& network;
  Store<Database>& store;
  const bus::AuthorizedKeys& keys;
  std::vector<std::string> gateways;
  UnderWay& under_way;
  std::function<std::size_t(const std::string& stanza_id)> copies;  ///< in truth
};

/// registration.cpp's wiring.
class RegistrationProcess {
 public:
  RegistrationProcess(const Surroundings& around, const std::string& address, std::function<void()> die);

 private:
  Worker<Database> worker_;
  AccountWorkStore work_;
  CommandClientTwin gateways_;
  Dispatcher<AccountWork> dispatcher_;
  IntakeTwin intake_;
};

/// notification.cpp's wiring, expander and sweeper included.
class NotificationProcess {
 public:
  NotificationProcess(const Surroundings& around, const std::string& address, std::function<void()> die);

 private:
  void expand();
  void look_for_notices();
  void sweep();

  World& world_;
  Worker<Database> worker_;
  DeliveryWorkStore work_;
  CommandClientTwin gateways_;
  Dispatcher<DeliveryWork> dispatcher_;
  bool expanding_ = false;
  Life life_;
  IntakeTwin intake_;
};

}  // namespace rostrum::simulation
