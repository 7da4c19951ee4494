// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include "common/pg/worker.hpp"

namespace rostrum::presence {

/// Decides whether observations may come in: only while the database is there, with our tables in it; never
/// again after drain(). Belongs to the reactor's thread.
class IntakeGate {
 public:
  /// `on_open` is told whenever it changes whether observations may come in, or is said again.
  IntakeGate(pg::Worker& worker, std::function<void(bool open)> on_open);
  ~IntakeGate();
  IntakeGate(const IntakeGate&) = delete;
  IntakeGate& operator=(const IntakeGate&) = delete;

  /// Called by the worker's on_up and on_down.
  void database_up();
  void database_down();
  void drain();

 private:
  struct State;
  std::shared_ptr<State> state_;  // answers that come after the end find it gone
};

}  // namespace rostrum::presence
