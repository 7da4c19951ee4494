// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "common/base/uuid.hpp"
#include "common/pg/array.hpp"
#include "common/pg/worker.hpp"
#include "services/notification/core/expansion.hpp"
#include "services/notification/core/notice.hpp"

namespace pqxx {
class transaction_base;
}

namespace rostrum::notification {

/// Accepted notices, gathered and written by one statement.
class NewNotices {
 public:
  /// `place`: the caller's number of it.
  void add(std::size_t place, const EventId& id, const std::string& source, const Notice& notice,
           WallTime expires_at);
  /// Places of those whose id another source has used.
  [[nodiscard]] std::vector<std::size_t> write(pqxx::transaction_base& tx) const;

 private:
  std::map<Uuid, std::size_t> places_;
  pg::Array ids_, sources_, kinds_, audiences_, audience_ids_, titles_, bodies_, expiries_;
};

/// Locks and reads notices that are still to be expanded: of each source and lane the oldest few that nobody
/// else has locked.
[[nodiscard]] std::vector<Expanding> lock_expanding(pqxx::transaction_base& tx);

/// What became of a page.
struct MadePage {
  std::size_t members = 0;  ///< in the page
  std::size_t failed = 0;   ///< of them, those nobody knows and those whose account could not be made
  std::string last = {};    ///< the last of them
};
/// Makes the deliveries of one page.
[[nodiscard]] MadePage make_deliveries(pqxx::transaction_base& tx, const Expanding& notice, const Page& page);

/// Moves the cursor; a notice that is complete is sent from now on.
void record_expanded(pqxx::transaction_base& tx, const Expanding& notice, const Expanded& step);

// What is done when the database refuses a page.

/// The members of a page, in order.
[[nodiscard]] std::vector<std::string> members_of(pqxx::transaction_base& tx, const Expanding& notice,
                                                  const Page& page);
/// Makes deliveries to these members where there are none; how many of them have failed, as above.
std::size_t make_missing(pqxx::transaction_base& tx, const Expanding& notice,
                         const std::vector<std::string>& members);
/// A dead letter (`not-storable`) in place of a delivery that cannot be made.
void bury_member(pqxx::transaction_base& tx, const Expanding& notice, const std::string& member,
                 const pg::DbError& why);
/// What becomes of the deliveries of a notice that were not made yet.
enum class Remainder { kIsMade, kIsNot };
/// Makes a dead letter of a notice not all of whose deliveries can be made; the others are sent. A replay
/// makes what is missing.
void bury_notice(pqxx::transaction_base& tx, const Expanding& notice, const pg::DbError& why,
                 Remainder remainder);
/// The same for what never got enough of the database's time, once the notice has expired; whether it has.
bool bury_if_expired(pqxx::transaction_base& tx, const Expanding& notice, const pg::DbError& why);

/// Marks as done what has no open delivery any more; how many.
std::size_t finish_notices(pqxx::transaction_base& tx);

}  // namespace rostrum::notification
