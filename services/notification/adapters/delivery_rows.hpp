// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/uuid.hpp"
#include "common/pg/worker.hpp"
#include "services/notification/adapters/meter.hpp"
#include "services/notification/core/delivery_life.hpp"
#include "services/notification/core/notice.hpp"
#include "services/notification/core/stanza_id.hpp"

namespace pqxx {
class transaction_base;
}

namespace rostrum::notification {

/// One row of notification.delivery, locked by the transaction that read it, with what the rules need of its
/// notice.
struct DeliveryRow {
  StanzaId stanza;  ///< its notice and its token
  std::string member_id;
  std::string source;
  std::string jid;  ///< empty if there was no such member
  Delivery delivery;
  WallTime published_at;
};

using DeliveryKey = std::pair<Uuid, std::string>;  ///< notice, member

/// The database's time of the transaction: the one clock that all instances share.
[[nodiscard]] WallTime transaction_time(pqxx::transaction_base& tx);

/// Locks and reads, in the order of the keys, so that two transactions do not deadlock. What does not exist
/// is left out.
[[nodiscard]] std::vector<DeliveryRow> lock_by_key(pqxx::transaction_base& tx,
                                                   const std::vector<DeliveryKey>& keys);
[[nodiscard]] std::vector<DeliveryRow> lock_by_stanza(pqxx::transaction_base& tx,
                                                      const std::vector<StanzaId>& stanzas);

/// Locks and reads up to `limit` due deliveries of each of these sources in one lane, oldest first. Passes
/// over what others have locked, and over members who have another delivery in flight.
[[nodiscard]] std::vector<DeliveryRow> lock_due(pqxx::transaction_base& tx, Kind lane,
                                                const std::vector<std::string>& sources, std::size_t limit);

/// Locks and reads up to `limit` open deliveries of notices that have expired and that nobody is attempting.
[[nodiscard]] std::vector<DeliveryRow> lock_overdue(pqxx::transaction_base& tx, std::size_t limit);

/// Locks and reads up to `limit` queued deliveries to members whose account became a dead letter within that
/// time (looked for so, because what is older is found when it is due).
[[nodiscard]] std::vector<DeliveryRow> lock_of_given_up(pqxx::transaction_base& tx, Milliseconds within,
                                                        std::size_t limit);

/// Changes of locked rows, gathered and written by one statement.
class DeliveryChanges {
 public:
  void add(const DeliveryRow& row, const Change& change);
  [[nodiscard]] std::size_t size() const { return changes_.size(); }
  void write(pqxx::transaction_base& tx, WallTime now, Meter& meter) const;
  /// The same; where the database refuses it for good, one by one: what is refused by itself is buried. Those
  /// that were written as they are.
  DeliveryChanges write_apart(pqxx::transaction_base& tx, WallTime now, Meter& meter) const;
  [[nodiscard]] const std::vector<std::pair<DeliveryRow, Change>>& all() const { return changes_; }

 private:
  std::vector<std::pair<DeliveryRow, Change>> changes_;
};

/// Makes a dead letter of a delivery whose ordinary way the database refuses for good; false: it refuses that
/// too, and the row is as it was.
bool bury(pqxx::transaction_base& tx, const DeliveryRow& row, const pg::DbError& why, WallTime now,
          Meter& meter);

}  // namespace rostrum::notification
