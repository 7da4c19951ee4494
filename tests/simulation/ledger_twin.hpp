// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <vector>

#include "common/intake/batch.hpp"
#include "tests/simulation/database.hpp"

namespace rostrum::simulation {

/// intake::Ledger's statements: INSERT … ON CONFLICT DO NOTHING, then look at what was there.
[[nodiscard]] inline std::vector<intake::Ledger::Entry> enter(LedgerTable& ledger,
                                                              std::span<const intake::Identity> events) {
  using Entry = intake::Ledger::Entry;
  std::vector<Entry> entries;
  for (const auto& event : events) {
    const auto [known, is_new] = ledger.emplace(std::pair(event.source, event.id), event.digest);
    entries.push_back(is_new                          ? Entry::kNew
                      : known->second == event.digest ? Entry::kDuplicate
                                                      : Entry::kReused);
  }
  return entries;
}

inline void withdraw(LedgerTable& ledger, std::span<const intake::Identity> events) {
  for (const auto& event : events) ledger.erase({event.source, event.id});
}

}  // namespace rostrum::simulation
