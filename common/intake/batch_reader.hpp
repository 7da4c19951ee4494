// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include "common/bus/reactor.hpp"
#include "common/intake/batch.hpp"

namespace rostrum::intake {

/// One thread beside the database's, which reads the next events while the ones before are being committed:
/// opening a sealed password alone takes a third of what the database needs for a member's rows. Belongs to
/// the reactor's thread.
class BatchReader {
 public:
  /// `check` is called on the reader's thread.
  BatchReader(bus::Reactor& reactor, Batch::Check check);
  ~BatchReader();  // waits for the batch at hand; nothing is called any more
  BatchReader(const BatchReader&) = delete;
  BatchReader& operator=(const BatchReader&) = delete;

  /// One batch at a time; `done` is called on the reactor. Nobody else may touch the batch meanwhile.
  void read(std::shared_ptr<Batch> batch, std::function<void()> done);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rostrum::intake
