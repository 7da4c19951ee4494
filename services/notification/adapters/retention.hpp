// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "common/log/log.hpp"
#include "common/pg/worker.hpp"
#include "services/notification/adapters/meter.hpp"

namespace rostrum::notification {

/// How far the looking through of a notice has come.
struct Place {
  std::string notice;  ///< its id
  std::string after;   ///< beyond this member
};

/// What one batch deleted, and where the next one goes on; nowhere: at another notice, if anything was done.
struct Forgotten {
  std::size_t deliveries = 0;
  std::size_t notices = 0;
  std::optional<Place> next;
  bool any = false;                    ///< there was a notice to look through
  std::optional<pg::DbError> refused;  ///< it cannot be deleted, and has been put behind the others
};

/// Deletes up to `most` deliveries of one notice that was done longer ago than `keep`, and the notice after
/// the last of them. Dead letters stay until they are replayed or, longer ago than `keep`, dropped; so does
/// the notice of one, and all of a notice that is one itself: what tells its replay who has had it.
[[nodiscard]] Forgotten forget_some(pqxx::transaction_base& tx, Milliseconds keep,
                                    const std::optional<Place>& from, std::size_t most);

/// Deletes what has been over for so long, batch by batch with pauses. Several instances look through
/// different notices. Belongs to the reactor's thread.
class Retention {
 public:
  Retention(bus::Reactor& reactor, pg::Worker& worker, Milliseconds keep, Meter& meter, log::Log& log);
  ~Retention();
  Retention(const Retention&) = delete;
  Retention& operator=(const Retention&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;  // answers that come after the end find it gone
};

}  // namespace rostrum::notification
