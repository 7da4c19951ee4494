// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <utility>

#include "tests/simulation/world.hpp"

namespace rostrum::simulation {

/// What a job throws where the database refuses its data for good (pg::DbError).
struct RefusedForGood {};

/// A database that all instances share. A transaction has its effect at one moment, whole or not at all.
template <class Tables>
struct Store {
  Tables tables;
  bool away = false;
};

/// A process's database thread: pg::Worker's twin. Jobs run one after the other, each in a transaction of its
/// own; what was rolled back, and what may have been, runs again.
template <class Tables>
class Worker {
 public:
  struct Handlers {
    std::function<void()> on_up = [] {};
    std::function<void()> on_down = [] {};
    std::function<void()> die = [] {};  ///< its process, soon
  };
  Worker(World& world, Store<Tables>& store, Handlers handlers)
      : world_(world), store_(store), handlers_(std::move(handlers)) {
    world_.after(Milliseconds(1), life_.guard([this] { look(); }));
  }

  /// `done` gets what the job returned; nothing: refused for good.
  template <class Value>
  void submit(std::function<Value(Tables&)> job, std::function<void(std::optional<Value>)> done) {
    auto value = std::make_shared<std::optional<Value>>();
    jobs_.push_back({[value, job = std::move(job)](Tables& tables) {
                       value->reset();
                       value->emplace(job(tables));
                     },
                     [value, done = std::move(done)] { done(std::move(*value)); }});
    run_next();
  }

 private:
  struct Job {
    std::function<void(Tables&)> run;
    std::function<void()> done;
  };

  void run_next() {
    if (busy_ || !up_ || jobs_.empty()) return;
    busy_ = true;
    world_.after(world_.between(1, world_.happens(10) ? 40 : 6), life_.guard([this] { run(); }));
  }

  void run() {
    if (world_.fails(&Faults::store_away, 200)) lose_alone();
    if (is_away()) return again();
    if (world_.fails(&Faults::rollbacks, 12)) {
      world_.count("transactions rolled back");
      world_.harmed();
      Tables given_up = store_.tables;
      attempt(given_up);
      if (world_.happens(2)) return again();
      busy_ = false;  // the victim of a deadlock keeps its connection
      return run_next();
    }
    attempt(store_.tables);
    if (world_.fails(&Faults::doubts, 15)) {
      world_.say("a commit holds, but its answer is lost");
      world_.count("commits in doubt");
      world_.harmed();
      return again();
    }
    if (world_.fails(&Faults::kills, 60)) {
      world_.count("processes killed between commit and answer");
      handlers_.die();
    }
    world_.after(world_.between(1, 3), life_.guard([this] {
      busy_ = false;
      auto done = std::move(jobs_.front().done);
      jobs_.pop_front();
      done();
      run_next();
    }));
  }

  void attempt(Tables& tables) {
    try {
      jobs_.front().run(tables);
    } catch (const RefusedForGood&) {
      world_.count("transactions refused for good");
    }
  }

  /// The connection is made anew, and the job runs again.
  void again() {
    busy_ = false;
    if (std::exchange(up_, false)) handlers_.on_down();
    world_.after(world_.between(5, 200), life_.guard([this] { look(); }));
  }

  [[nodiscard]] bool is_away() const { return store_.away || world_.now() < alone_until_; }
  /// This instance cannot reach the database, others can.
  void lose_alone() {
    const auto pause = world_.between(500, 15'000);
    world_.say("an instance loses the database alone for ", pause.count(), " ms");
    world_.count("databases away from one instance");
    world_.harmed(pause);
    alone_until_ = world_.now() + pause;
  }

  void look() {
    if (is_away()) return again();
    if (!std::exchange(up_, true)) handlers_.on_up();
    run_next();
  }

  World& world_;
  Store<Tables>& store_;
  Handlers handlers_;
  std::deque<Job> jobs_;
  bool busy_ = false;
  bool up_ = false;
  MonoTime alone_until_{};
  Life life_;
};

}  // namespace rostrum::simulation
