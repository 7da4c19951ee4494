// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/bus/intake_core.hpp"
#include "common/intake/batch.hpp"
#include "tests/simulation/database.hpp"
#include "tests/simulation/links.hpp"
#include "tests/simulation/store.hpp"

namespace rostrum::simulation {

/// The receiving end of an event link up to the commit: twin of bus::EventIntake and intake::GroupCommit,
/// around the same cores.
class IntakeTwin {
 public:
  struct Service {
    std::vector<std::string> served_types;
    std::function<std::unique_ptr<intake::EventStore>(Database&)> transaction;
    std::function<void()> committed = [] {};  ///< there may be work
  };
  IntakeTwin(World& world, Network& network, const std::string& address, const bus::AuthorizedKeys& keys,
             Worker<Database>& worker, Service service);

  void database_up() { perform(core_.set_open(true)); }
  void database_down() { perform(core_.set_open(false)); }

 private:
  using Verdicts = std::vector<intake::Verdict>;
  void perform(const bus::IntakeEffects& effects);
  void take();
  void commit_next_part();
  void ended(pg::SplitPlan::Part part, std::optional<Verdicts> verdicts);
  void conclude(pg::SplitPlan::Part part, const Verdicts& verdicts);

  World& world_;
  std::string address_;
  Worker<Database>& worker_;
  Service service_;
  bus::IntakeCore core_;
  std::shared_ptr<intake::Batch> batch_;  ///< the one at work
  pg::SplitPlan plan_;
  BindingSide side_;
};

}  // namespace rostrum::simulation
