// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "services/presence/core/record.hpp"

namespace pqxx {
class transaction_base;
}

namespace rostrum::presence {

// The history, in transactions that hold the lease of the domain.

void write_transitions(pqxx::transaction_base& tx, const std::string& domain, std::int64_t epoch,
                       const std::vector<Transition>& transitions);
void write_sessions(pqxx::transaction_base& tx, const std::string& domain,
                    const std::vector<Session>& sessions);
void write_seen(pqxx::transaction_base& tx, const std::vector<Seen>& seen);

}  // namespace rostrum::presence
