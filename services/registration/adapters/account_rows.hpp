// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

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

/// Claims accounts that are due: state attempting, a new attempt number, held for `hold`.
[[nodiscard]] std::vector<Account> claim_accounts(pqxx::transaction_base& tx, std::size_t most,
                                                  Milliseconds hold);

/// Writes accounts (each once), and their dead letters come and go with their state.
void save_accounts(pqxx::transaction_base& tx, const std::vector<const Account*>& accounts);

}  // namespace rostrum::registration
