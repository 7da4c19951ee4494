// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/adapters/pg_presence_store.hpp"

#include "services/presence/adapters/history_rows.hpp"
#include "services/presence/adapters/lease_rows.hpp"
#include "services/presence/adapters/resource_rows.hpp"

namespace rostrum::presence {

PresenceStore::Locked PgPresenceStore::lock(const std::string& domain) {
  return lock_lease(tx_, domain, clock_);
}

std::vector<Known> PgPresenceStore::read(const std::string& domain, Mark mark,
                                         std::span<const ResourceKey> keys) {
  return read_known(tx_, domain, mark, keys);
}

std::vector<Known> PgPresenceStore::read_unseen(const std::string& domain, Mark mark,
                                                const std::optional<ResourceKey>& after, std::size_t most) {
  return read_unconfirmed(tx_, domain, mark, after, most);
}

// The history before the coverage: presence.keep_history() takes its locks in this order too.
void PgPresenceStore::write(const std::string& domain, const Changes& changes) {
  remove_gone(tx_, changes.gone);
  write_online(tx_, domain, changes.online);
  write_transitions(tx_, domain, changes.lease.epoch, changes.transitions);
  write_sessions(tx_, domain, changes.sessions);
  write_seen(tx_, changes.seen);
  write_coverage(tx_, domain, changes.coverage);
  write_lease(tx_, domain, changes.lease);
}

}  // namespace rostrum::presence
