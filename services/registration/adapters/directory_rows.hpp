// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <string>
#include <vector>

#include "services/registration/core/directory.hpp"
#include "services/registration/core/event.hpp"

namespace pqxx {
class transaction_base;
}

namespace rostrum::registration {

/// An event and who published it.
struct SourcedEvent {
  std::string source;
  Event event;
};

/// Reads what the events are about: their members and groups, whoever has their JIDs, and the accounts of all
/// of these (locked). Nobody else may write events of the same sources until the end of the transaction
/// (GroupCommit::Settings::in_turns).
void load_directory(pqxx::transaction_base& tx, const std::vector<SourcedEvent>& events,
                    Directory& directory);

/// Writes what changed.
void save_directory(pqxx::transaction_base& tx, const Directory& directory);

}  // namespace rostrum::registration
