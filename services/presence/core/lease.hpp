// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/uuid.hpp"

namespace rostrum::presence {

/// Names what is known since one snapshot began and until the next does. Later ones are greater.
struct Mark {
  std::int64_t epoch = 0;
  std::int64_t snapshot = 0;  ///< sequence of its SnapshotBegan; 0: no snapshot is in force
  auto operator<=>(const Mark&) const = default;
};

/// Which gateway owns a domain's presence, and what it has told: the row of presence.lease.
struct Lease {
  std::string owner;  ///< name of its key
  Uuid token;         ///< nil: given back
  std::int64_t epoch = 1;
  WallTime valid_until;
  WallTime heard_at;               ///< all that the owner saw until then is stored
  std::int64_t last_sequence = 0;  ///< stored, of this epoch
  std::int64_t snapshot = 0;
  std::optional<WallTime> whole_since;    ///< the snapshot in force has ended, and nothing was lost since
  std::optional<WallTime> covered_until;  ///< when the view was whole last, before now
  bool swept = true;                      ///< what the snapshot in force did not name is closed
  std::int64_t last_change = 0;           ///< number of the last transition

  [[nodiscard]] Mark mark() const { return {epoch, snapshot}; }
  [[nodiscard]] bool whole() const { return whole_since.has_value(); }
  bool operator==(const Lease&) const = default;
};

/// An interval in which the view of a domain was whole: the row of presence.coverage, as it is to be.
struct Coverage {
  Mark mark;
  WallTime began_at;
  std::optional<WallTime> ended_at;
  std::string reason;
  bool operator==(const Coverage&) const = default;
};

/// The view is whole no more; the coverage that ends with it, if it was whole.
[[nodiscard]] std::optional<Coverage> end_coverage(Lease& lease, WallTime at, std::string reason);

/// A gateway asks for a domain.
struct Claim {
  std::string owner;
  Uuid token;
  Milliseconds behind{0};  ///< how long ago it saw the first that is not stored, as far as it knows
};

/// What becomes of a claim.
struct Decision {
  enum class Outcome {
    kGranted,  ///< a new epoch begins
    kRenewed,  ///< the claimer owns it already, and goes on where it was
    kRefused,  ///< another owns it
    kTooLate,  ///< it waited here for as long as it would have held; who claimed has claimed again
  };
  Outcome outcome;
  std::optional<Lease> lease;           ///< in force from now on; nothing: there has never been one
  Milliseconds holds_for{0};            ///< from when the claim came in; refused: from now
  std::optional<Coverage> closed = {};  ///< the former owner's, which died without a word
};

/// `arrived`: when the claim came in, by the clock of `now`. It holds for `length` from then.
///
/// Whoever comes with the token in force renews it, also after its end: as long as nobody else took it,
/// nothing was missed.
[[nodiscard]] Decision decide(const Claim& claim, const std::optional<Lease>& lease, WallTime now,
                              WallTime arrived, Milliseconds length);

/// The owner of `epoch` gives the lease back: it is free at once. Nothing if another epoch is in force.
[[nodiscard]] std::optional<Lease> give_back(const Lease& lease, std::int64_t epoch, WallTime now);

}  // namespace rostrum::presence
