// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "services/presence/core/lease.hpp"
#include "services/presence/core/observation.hpp"

namespace rostrum::presence {

/// A resource that is online, as far as is known: the row of presence.resource.
struct Online {
  ResourceKey who;
  Appearance appearance;
  WallTime since;     ///< of this appearance
  WallTime began_at;  ///< of the session
  bool uncertain;     ///< the view was not whole all the time since then
  Mark mark;          ///< when it was confirmed last
  bool operator==(const Online&) const = default;
};

/// What the database knows of a resource.
struct Known {
  ResourceKey who;
  std::optional<Online> online;
  /// Of one that the snapshot in force has not confirmed: the end of the last coverage in which it was there.
  std::optional<WallTime> covered_until;
  /// Of one that is not online: end of the member's session that ended last, of whatever resource.
  std::optional<WallTime> last_end;
};

/// A change of a resource, forever: the row of presence.transition.
struct Transition {
  std::int64_t change;  ///< its number
  WallTime at;
  ResourceKey who;
  std::variant<Appearance, Ending> to;  ///< online like this, or offline
  bool uncertain;
  bool operator==(const Transition&) const = default;
};

/// A session that has ended: the row of presence.session.
struct Session {
  std::int64_t change;  ///< number of the transition that ended it
  ResourceKey who;
  WallTime began_at;
  WallTime ended_at;
  Ending ending;
  bool uncertain;
  bool operator==(const Session&) const = default;
};

/// The end of a member's session that ended last: the row of presence.seen.
struct Seen {
  Jid jid;
  WallTime at;
  bool uncertain;
  bool operator==(const Seen&) const = default;
};

/// What a transaction writes. Rows of one table name each key once, and stand in the order of the keys or of
/// their numbers.
struct Changes {
  Lease lease;
  std::vector<Coverage> coverage = {};  ///< to be inserted, or ended
  std::vector<Online> online = {};      ///< to be inserted or replaced
  std::vector<ResourceKey> gone = {};   ///< to be removed from those that are online
  std::vector<Transition> transitions = {};
  std::vector<Session> sessions = {};
  std::vector<Seen> seen = {};  ///< counts unless a later one is known

  // For the metrics: transitions by what they led to.
  std::size_t to_online = 0;
  std::size_t to_changed = 0;
  std::size_t to_offline = 0;
};

}  // namespace rostrum::presence
