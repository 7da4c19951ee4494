// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "services/presence/core/record.hpp"

namespace rostrum::presence {

/// Where presence is kept, within one transaction that commits everything or nothing.
class PresenceStore {
 public:
  /// A domain's lease, which nobody else can touch until the transaction ends.
  struct Locked {
    std::optional<Lease> lease;  ///< nothing: nobody has ever owned the domain
    WallTime now;                ///< by the clock that all instances share; taken when the lock was had
    MonoTime mono;               ///< the same moment by the process's own clock
  };

  PresenceStore() = default;
  virtual ~PresenceStore() = default;
  PresenceStore(const PresenceStore&) = delete;
  PresenceStore& operator=(const PresenceStore&) = delete;

  [[nodiscard]] virtual Locked lock(const std::string& domain) = 0;
  /// What is known of these resources, in any order; nothing: left out. `mark`: of the snapshot in force.
  [[nodiscard]] virtual std::vector<Known> read(const std::string& domain, Mark mark,
                                                std::span<const ResourceKey> keys) = 0;
  /// The first of those, by key and beyond `after`, that are online without this mark.
  [[nodiscard]] virtual std::vector<Known> read_unseen(const std::string& domain, Mark mark,
                                                       const std::optional<ResourceKey>& after,
                                                       std::size_t most) = 0;
  virtual void write(const std::string& domain, const Changes& changes) = 0;
};

}  // namespace rostrum::presence
