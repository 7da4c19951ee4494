// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "services/presence/core/presence_store.hpp"

namespace pqxx {
class transaction_base;
}

namespace rostrum::presence {

/// Schema presence of PostgreSQL, within one transaction.
class PgPresenceStore final : public PresenceStore {
 public:
  PgPresenceStore(pqxx::transaction_base& tx, const Clock& clock) : tx_(tx), clock_(clock) {}

  [[nodiscard]] Locked lock(const std::string& domain) override;
  [[nodiscard]] std::vector<Known> read(const std::string& domain, Mark mark,
                                        std::span<const ResourceKey> keys) override;
  [[nodiscard]] std::vector<Known> read_unseen(const std::string& domain, Mark mark,
                                               const std::optional<ResourceKey>& after,
                                               std::size_t most) override;
  void write(const std::string& domain, const Changes& changes) override;

 private:
  pqxx::transaction_base& tx_;
  const Clock& clock_;
};

}  // namespace rostrum::presence
