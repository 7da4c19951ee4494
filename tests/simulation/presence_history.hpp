// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/presence_gateway.hpp"
#include "tests/simulation/presence_process.hpp"
#include "tests/simulation/process.hpp"

namespace rostrum::simulation {

/// Members come and go while two gateways take turns in seeing them and two instances of the presence
/// service, on one database, record what they tell. In the end the table is what is true, and so is the
/// history wherever it says that the view was whole. (To the millisecond:
/// tests/unit/presence/simulation_test.cpp.)
class PresenceHistory {
 public:
  explicit PresenceHistory(World& world);
  void play();

 private:
  void members_live();
  void break_something();
  void stop_owner();
  [[nodiscard]] bool at_rest() const;
  void expect_table_is_true() const;
  void expect_orderly_transitions() const;
  void expect_true_history() const;
  void expect_truth_at(WallTime moment, WallTime since) const;

  World& world_;
  Network network_;
  bus::AuthorizedKeys keys_;
  Store<PresenceTables> store_;
  PresenceDomain domain_;
  Owners owners_;
  std::vector<std::weak_ptr<PresenceGateway>> gateways_;
  std::vector<std::unique_ptr<Process>> processes_;
};

}  // namespace rostrum::simulation
