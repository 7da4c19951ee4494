// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/uuid.hpp"

namespace rostrum::bench {

/// What is written: groups cost one row beside the ledger's; new members cost four, and their sealed password
/// has to be opened.
enum class Kind { kGroup, kMember };
[[nodiscard]] Kind kind_of(const std::string& word);

/// One thing a site states; about 300 bytes as an event. The same numbers make the same statement, but for
/// its id.
struct Statement {
  EventId id;
  std::int64_t revision;
  std::string subject;  ///< group id or member id
  std::string name;     ///< title or display name
  // Of members only:
  std::string jid = {};
  std::vector<std::string> groups = {};
  std::string sealed_password = {};
};

/// Which statements: `run` keeps the subjects of different rounds apart.
struct Order {
  Kind kind;
  std::string run;
  std::size_t count;
  std::string domain = {};           ///< of members' JIDs
  std::string sealed_password = {};  ///< the same for all members
};
[[nodiscard]] std::vector<Statement> statements(const Order& order);

/// Packed, as Event::unpack() takes it.
[[nodiscard]] std::string pack(const Statement& statement, Kind kind);

}  // namespace rostrum::bench
