// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "services/presence/core/presence_store.hpp"
#include "tests/support/database/database.hpp"
#include "tests/support/presence/fake_presence_store.hpp"

namespace rostrum::presence::test {

/// What stands in schema presence.
[[nodiscard]] Tables read_tables(const rostrum::test::Database& database);

/// A store at a time that the test tells: all moments but this one come from the core.
class StoreAtTestTime final : public PresenceStore {
 public:
  StoreAtTestTime(PresenceStore& store, const Clock& clock) : store_(store), clock_(clock) {}

  [[nodiscard]] Locked lock(const std::string& domain) override {
    return {store_.lock(domain).lease, clock_.wall(), clock_.mono()};
  }
  [[nodiscard]] std::vector<Known> read(const std::string& domain, Mark mark,
                                        std::span<const ResourceKey> keys) override {
    return store_.read(domain, mark, keys);
  }
  [[nodiscard]] std::vector<Known> read_unseen(const std::string& domain, Mark mark,
                                               const std::optional<ResourceKey>& after,
                                               std::size_t most) override {
    return store_.read_unseen(domain, mark, after, most);
  }
  void write(const std::string& domain, const Changes& changes) override { store_.write(domain, changes); }

 private:
  PresenceStore& store_;
  const Clock& clock_;
};

}  // namespace rostrum::presence::test
