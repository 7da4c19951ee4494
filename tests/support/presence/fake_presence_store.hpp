// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "services/presence/core/presence_store.hpp"

namespace rostrum::presence::test {

/// The schema's tables, of all domains.
struct Tables {
  std::map<std::string, Lease> leases;
  std::map<ResourceKey, Online> online;
  std::map<std::pair<std::string, Mark>, Coverage> coverage;
  std::vector<Transition> transitions;  ///< by number
  std::vector<Session> sessions;        ///< by number
  std::map<Jid, Seen> seen;
};

/// Presence kept in memory: what the schema does, without a database. Each call of the core's transactions
/// counts as one; nothing breaks off in the middle, for they write last.
class FakePresenceStore final : public PresenceStore {
 public:
  explicit FakePresenceStore(const Clock& clock) : clock_(clock) {}

  [[nodiscard]] Locked lock(const std::string& domain) override;
  [[nodiscard]] std::vector<Known> read(const std::string& domain, Mark mark,
                                        std::span<const ResourceKey> keys) override;
  [[nodiscard]] std::vector<Known> read_unseen(const std::string& domain, Mark mark,
                                               const std::optional<ResourceKey>& after,
                                               std::size_t most) override;
  void write(const std::string& domain, const Changes& changes) override;

  Tables tables;
  int writes = 0;

 private:
  [[nodiscard]] Known known(const std::string& domain, Mark mark, const Online& one) const;
  const Clock& clock_;
};

}  // namespace rostrum::presence::test
