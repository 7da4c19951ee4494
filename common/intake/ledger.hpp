// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/intake/verdict.hpp"

namespace rostrum::intake {

/// 16 bytes that tell other content: BLAKE2b of the event's bytes as they came.
[[nodiscard]] std::string digest_of(std::string_view bytes);

/// The table `<schema>.ledger` of accepted events; on the database thread, in the caller's transaction.
class Ledger {
 public:
  enum class Entry {
    kNew,        ///< entered now
    kDuplicate,  ///< was there, same content
    kReused,     ///< was there with other content
  };
  /// `schema`: a plain identifier of ours. `in_turns`: see GroupCommit::Settings.
  explicit Ledger(const std::string& schema, bool in_turns = false);

  /// Enters events, each id once; rows go in sorted by key, so that two instances with the same events wait
  /// for each other instead of deadlocking; in turns, one that enters events of the same source waits for the
  /// end of the other's transaction. Answers in the order of `events`.
  /// A day without a partition is an error of the whole database (Remedy::kAgainLater), until keep() is
  /// called.
  [[nodiscard]] std::vector<Entry> enter(pqxx::transaction_base& tx, std::span<const Identity> events) const;
  /// Takes out what was entered as new in this transaction and then rejected.
  void withdraw(pqxx::transaction_base& tx, std::span<const Identity> events) const;
  /// Makes the partitions of the days to come and drops those beyond the horizon, by the owner's function:
  /// the days of the database's clock and those of ours, `now`, which judges the age of events.
  void keep(pqxx::transaction_base& tx, Milliseconds horizon, WallTime now) const;

 private:
  std::string insert_;
  std::string select_;
  std::string delete_;
  std::string keep_;
};

}  // namespace rostrum::intake
