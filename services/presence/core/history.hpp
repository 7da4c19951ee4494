// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>

#include "services/presence/core/record.hpp"

namespace rostrum::presence {

/// Writes down what happened, in its order: numbers the transitions, and keeps the sessions and who was seen
/// last in step with them.
class History {
 public:
  explicit History(Lease lease);

  Lease& lease() { return changes_.lease; }
  [[nodiscard]] const Lease& lease() const { return changes_.lease; }

  /// It is online as of `online.since`, and was not before.
  void came(const Online& online);
  /// It looks another way as of `online.since`.
  void changed(const Online& online, bool uncertain);
  /// Its session has ended.
  void ended(const Online& online, WallTime at, Ending ending, bool uncertain);
  /// It was not there any more when a snapshot ended; `covered_until` as in Known. Returns when its session
  /// is held to have ended.
  WallTime unseen(const Online& online, const std::optional<WallTime>& covered_until);
  /// It has begun, or ended.
  void covered(Coverage coverage);

  /// Without the rows of those that are online.
  [[nodiscard]] Changes finish() &&;

 private:
  std::int64_t note(const ResourceKey& who, WallTime at, std::variant<Appearance, Ending> to, bool uncertain);

  Changes changes_;
  std::map<Mark, Coverage> coverage_;
  std::map<Jid, Seen> seen_;
};

}  // namespace rostrum::presence
