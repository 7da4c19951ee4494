// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/adapters/intake_gate.hpp"

#include <pqxx/pqxx>
#include <utility>

namespace rostrum::presence {

struct IntakeGate::State : std::enable_shared_from_this<IntakeGate::State> {
  State(pg::Worker& w, std::function<void(bool)> o) : worker(w), on_open(std::move(o)) {}

  pg::Worker& worker;
  const std::function<void(bool)> on_open;
  bool up = false;
  bool draining = false;

  /// A database that was not migrated takes transactions too: there the worker goes on asking.
  void look() {
    worker.submit<bool>(
        [](pqxx::transaction_base& tx) {
          tx.exec("SELECT FROM presence.lease LIMIT 0");
          return true;
        },
        [weak = weak_from_this()](const Result<bool, pg::DbError>& result) {
          const auto self = weak.lock();
          if (!self || !self->up || self->draining) return;
          result ? self->on_open(true) : self->look();
        });
  }
};

IntakeGate::IntakeGate(pg::Worker& worker, std::function<void(bool)> on_open)
    : state_(std::make_shared<State>(worker, std::move(on_open))) {
  state_->on_open(false);
}

IntakeGate::~IntakeGate() = default;

void IntakeGate::database_up() {
  state_->up = true;
  state_->look();
}

void IntakeGate::database_down() {
  state_->up = false;
  state_->on_open(false);
}

void IntakeGate::drain() {
  state_->draining = true;
  state_->on_open(false);
}

}  // namespace rostrum::presence
