// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/bus/observation_intake_core.hpp"
#include "services/presence/adapters/domain_batch.hpp"
#include "services/presence/core/transactions.hpp"
#include "tests/simulation/links.hpp"
#include "tests/simulation/store.hpp"
#include "tests/support/presence/fake_presence_store.hpp"

namespace rostrum::simulation {

using PresenceTables = presence::test::Tables;

/// How long a claim holds.
inline constexpr Milliseconds kLeaseLength{3'000};

/// An instance of the presence service: twin of PresenceDesk, IntakeGate and Sweeper, around the same cores.
class PresenceProcess {
 public:
  PresenceProcess(World& world, Network& network, Store<PresenceTables>& store, const std::string& address,
                  const bus::AuthorizedKeys& keys, std::function<void()> die);

 private:
  void perform(const bus::ObservationIntakeEffects& effects);
  void take();
  template <class Value>
  void submit(std::function<Value(presence::PresenceStore&)> job, std::function<void(Value)> done);
  void work_ended();
  void take(const bus::ObservationIntake::Claim& received);
  void take(const bus::ObservationIntake::Release& received);
  void take(const std::vector<bus::ObservationIntake::Batch>& received);
  void sweep();

  World& world_;
  std::string address_;
  Worker<PresenceTables> worker_;
  bus::ObservationIntakeCore core_;
  std::size_t at_work_ = 0;
  struct Sweeping {
    presence::Mark mark = {};
    std::optional<presence::ResourceKey> after = {};
  };
  Sweeping sweeping_;
  Life life_;
  BindingSide side_;
};

}  // namespace rostrum::simulation
