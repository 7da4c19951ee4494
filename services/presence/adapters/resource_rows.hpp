// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "services/presence/core/record.hpp"

namespace pqxx {
class transaction_base;
}

namespace rostrum::presence {

// presence.resource, in transactions that hold the lease of the domain. As in PresenceStore.

[[nodiscard]] std::vector<Known> read_known(pqxx::transaction_base& tx, const std::string& domain, Mark mark,
                                            std::span<const ResourceKey> keys);
[[nodiscard]] std::vector<Known> read_unconfirmed(pqxx::transaction_base& tx, const std::string& domain,
                                                  Mark mark, const std::optional<ResourceKey>& after,
                                                  std::size_t most);
void write_online(pqxx::transaction_base& tx, const std::string& domain, const std::vector<Online>& online);
void remove_gone(pqxx::transaction_base& tx, const std::vector<ResourceKey>& gone);

}  // namespace rostrum::presence
