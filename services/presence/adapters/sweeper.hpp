// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "common/log/log.hpp"
#include "common/pg/worker.hpp"
#include "services/presence/adapters/meter.hpp"

namespace rostrum::presence {

/// Closes the sessions of those whom a complete snapshot did not name, page by page, so that observations go
/// on in between. Several instances may do it at once. Belongs to the reactor's thread.
class Sweeper {
 public:
  Sweeper(bus::Reactor& reactor, pg::Worker& worker, Meter& meter, log::Log& log);
  ~Sweeper();
  Sweeper(const Sweeper&) = delete;
  Sweeper& operator=(const Sweeper&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;  // answers that come after the end find it gone
};

}  // namespace rostrum::presence
