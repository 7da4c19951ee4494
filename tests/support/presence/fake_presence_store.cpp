// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/presence/fake_presence_store.hpp"

namespace rostrum::presence::test {

PresenceStore::Locked FakePresenceStore::lock(const std::string& domain) {
  const auto found = tables.leases.find(domain);
  return {found == tables.leases.end() ? std::nullopt : std::optional(found->second), clock_.wall(),
          clock_.mono()};
}

Known FakePresenceStore::known(const std::string& domain, Mark mark, const Online& one) const {
  Known known{one.who, one, {}, {}};
  if (one.mark == mark) return known;
  const auto beyond = tables.coverage.upper_bound({domain, one.mark});
  if (beyond != tables.coverage.begin() && std::prev(beyond)->first.first == domain)
    known.covered_until = std::prev(beyond)->second.ended_at;
  return known;
}

std::vector<Known> FakePresenceStore::read(const std::string& domain, Mark mark,
                                           std::span<const ResourceKey> keys) {
  std::vector<Known> all;
  for (const auto& who : keys) {
    if (const auto row = tables.online.find(who); row != tables.online.end()) {
      all.push_back(known(domain, mark, row->second));
    } else if (const auto last = tables.seen.find(who.jid); last != tables.seen.end()) {
      all.push_back({who, {}, {}, last->second.at});
    }
  }
  return all;
}

std::vector<Known> FakePresenceStore::read_unseen(const std::string& domain, Mark mark,
                                                  const std::optional<ResourceKey>& after, std::size_t most) {
  std::vector<Known> all;
  for (const auto& [who, one] : tables.online) {
    if (who.jid.domain() != domain || one.mark == mark || (after && who <= *after)) continue;
    if (all.size() == most) break;
    all.push_back(known(domain, mark, one));
  }
  return all;
}

void FakePresenceStore::write(const std::string& domain, const Changes& changes) {
  ++writes;
  tables.leases.insert_or_assign(domain, changes.lease);
  for (const auto& one : changes.coverage) tables.coverage.insert_or_assign({domain, one.mark}, one);
  for (const auto& who : changes.gone) tables.online.erase(who);
  for (const auto& one : changes.online) tables.online.insert_or_assign(one.who, one);
  tables.transitions.insert(tables.transitions.end(), changes.transitions.begin(), changes.transitions.end());
  tables.sessions.insert(tables.sessions.end(), changes.sessions.begin(), changes.sessions.end());
  for (const auto& one : changes.seen) {
    const auto [known, is_new] = tables.seen.emplace(one.jid, one);
    if (!is_new && known->second.at <= one.at) known->second = one;
  }
}

}  // namespace rostrum::presence::test
