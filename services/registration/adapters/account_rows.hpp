// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "common/pg/worker.hpp"
#include "services/registration/core/account.hpp"

namespace pqxx {
class row;
class transaction_base;
}  // namespace pqxx

namespace rostrum::registration {

// Rows of registration.account and registration.dead_letter, for both who write them: what the site says and
// what the attempts bring.

/// Locks and reads accounts, in the order of their JIDs, so that writers wait for each other instead of
/// deadlocking.
[[nodiscard]] std::vector<Account> lock_accounts(pqxx::transaction_base& tx,
                                                 const std::vector<std::string>& jids);

/// Locks accounts that are due, the longest due first; passes over what others have locked. Their JIDs.
[[nodiscard]] std::vector<std::string> lock_due(pqxx::transaction_base& tx, std::size_t most);

/// Locks and reads open accounts that nobody holds and that have waited for longer than that.
[[nodiscard]] std::vector<Account> lock_waiting(pqxx::transaction_base& tx, Milliseconds longer_than,
                                                std::size_t most);

/// Claims these: state attempting, a new attempt number, held for `hold`.
[[nodiscard]] std::vector<Account> claim_accounts(pqxx::transaction_base& tx,
                                                  const std::vector<std::string>& jids, Milliseconds hold);

/// Writes accounts (each once), and their dead letters come and go with their state.
void save_accounts(pqxx::transaction_base& tx, const std::vector<const Account*>& accounts);

/// Makes a dead letter of an account whose ordinary way the database refuses; of the row it touches as little
/// as it can.
void bury_account(pqxx::transaction_base& tx, const std::string& jid, const pg::DbError& why);

}  // namespace rostrum::registration
