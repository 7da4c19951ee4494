// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "tests/simulation/world.hpp"

namespace rostrum::simulation {

/// A process that may be killed at any moment and comes back with nothing in its memory.
class Process {
 public:
  using Die = std::function<void()>;
  /// `start` makes a fresh one; with `die` it can be killed from within, at the end of what it is doing.
  using Start = std::function<std::shared_ptr<void>(Die die)>;

  Process(World& world, std::string name, Start start)
      : world_(world), name_(std::move(name)), start_(std::move(start)) {
    begin();
  }

  void kill() {
    if (!running_) return;
    world_.say(name_, " is killed");
    world_.count("processes killed");
    running_.reset();
    if (for_good_) return;
    const auto pause = world_.between(20, world_.happens(4) ? 8'000 : 800);
    world_.harmed(pause);
    world_.after(pause, life_.guard([this] {
      if (!for_good_) begin();
    }));
  }
  /// It does not come back any more.
  void kill_for_good() {
    for_good_ = true;
    kill();
  }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  void begin() {
    world_.say(name_, " starts");
    const auto run = ++runs_;
    running_ = start_([this, run] {
      world_.after(Milliseconds(0), life_.guard([this, run] {
        if (run == runs_) kill();
      }));
    });
  }

  World& world_;
  std::string name_;
  Start start_;
  std::uint64_t runs_ = 0;
  bool for_good_ = false;
  std::shared_ptr<void> running_;
  Life life_;
};

}  // namespace rostrum::simulation
