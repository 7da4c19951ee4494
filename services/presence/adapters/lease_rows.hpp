// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "services/presence/core/presence_store.hpp"

namespace pqxx {
class transaction_base;
}

namespace rostrum::presence {

/// Locks and reads a domain's row of presence.lease; where there is none, its absence is locked.
[[nodiscard]] PresenceStore::Locked lock_lease(pqxx::transaction_base& tx, const std::string& domain,
                                               const Clock& clock);
void write_lease(pqxx::transaction_base& tx, const std::string& domain, const Lease& lease);
void write_coverage(pqxx::transaction_base& tx, const std::string& domain,
                    const std::vector<Coverage>& coverage);

/// A domain whose view is whole, and whose unseen are not all closed.
struct Unswept {
  std::string domain;
  Mark mark;
};
[[nodiscard]] std::vector<Unswept> read_unswept(pqxx::transaction_base& tx);

}  // namespace rostrum::presence
