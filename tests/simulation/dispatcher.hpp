// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/dispatch/dispatch_core.hpp"
#include "rostrum/v1/command.pb.h"
#include "tests/simulation/command_client_twin.hpp"
#include "tests/simulation/database.hpp"
#include "tests/simulation/store.hpp"

namespace rostrum::simulation {

/// A claimed piece of work together with how its command went.
template <class Work>
struct Finished {
  Work work;
  bus::CommandResult result;
};

/// Where a service keeps its work: dispatch::WorkStore's and dispatch::MakeCommand's twin.
template <class Work>
class WorkStore {
 public:
  virtual ~WorkStore() = default;
  [[nodiscard]] virtual std::vector<Work> claim(Database& database, std::size_t most, Milliseconds hold) = 0;
  virtual void settle(Database& database, const std::vector<Finished<Work>>& finished) = 0;
  [[nodiscard]] virtual v1::Command command(const Work& work) const = 0;
};

// The real ones (dispatch::Settings), shorter: what a command can take lies within its hold, here as there.
inline constexpr Milliseconds kTimeToLive{2'000};
inline constexpr Milliseconds kStanzaDeadline{6'500};
inline constexpr Milliseconds kHold = kTimeToLive + kStanzaDeadline + Milliseconds(2'000);
inline constexpr Milliseconds kPoll{1'000};

/// The loop between a table of work and the gateways: dispatch::Dispatcher's twin, around the same core.
template <class Work>
class Dispatcher {
 public:
  Dispatcher(World& world, Worker<Database>& worker, CommandClientTwin& gateways, WorkStore<Work>& store)
      : world_(world),
        worker_(worker),
        gateways_(gateways),
        store_(store),
        core_({.claim_batch = 4,
               .most_open = 6,
               .poll = kPoll,
               .pause = {Milliseconds(200), Milliseconds(2'000)}},
              world.random()) {
    tick();
  }

  void kick() {
    core_.kick();
    turn();
  }
  void turn() {
    settle();
    claim();
  }
  [[nodiscard]] bool idle() const { return core_.idle(); }

 private:
  void tick() {
    turn();
    world_.after(kPoll, life_.guard([this] { tick(); }));
  }

  void claim() {
    const auto most = core_.begin_claim(world_.now(), gateways_.credit());
    if (most == 0) return;
    worker_.template submit<std::vector<Work>>(
        [this, most](Database& database) { return store_.claim(database, most, kHold); },
        [this](std::optional<std::vector<Work>> works) {
          core_.claimed(world_.now(), works->size());
          for (auto& work : *works) start(std::move(work));
          turn();
        });
  }

  void start(Work work) {
    const bool sent =
        gateways_.send(store_.command(work), kTimeToLive, [this, work](bus::CommandResult result) {
          finish(work, std::move(result));
          turn();
        });
    if (!sent) finish(work, {bus::CommandResult::Status::kRetry, "no-credit", "no gateway gives credit", {}});
  }

  void finish(const Work& work, bus::CommandResult result) {
    using Ending = dispatch::DispatchCore::Ending;
    const bool refused = result.status == bus::CommandResult::Status::kRetry;
    core_.finished(world_.now(), refused ? Ending::kRefused : Ending::kReached);
    finished_.push_back({work, std::move(result)});
  }

  void settle() {
    if (core_.begin_settle() == 0) return;
    worker_.template submit<bool>(
        [this, batch = std::exchange(finished_, {})](Database& database) {
          store_.settle(database, batch);
          return true;
        },
        [this](std::optional<bool>) {
          core_.settled();
          turn();
        });
  }

  World& world_;
  Worker<Database>& worker_;
  CommandClientTwin& gateways_;
  WorkStore<Work>& store_;
  dispatch::DispatchCore core_;
  std::vector<Finished<Work>> finished_;
  Life life_;
};

}  // namespace rostrum::simulation
