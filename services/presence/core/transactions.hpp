// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "services/presence/core/admission.hpp"
#include "services/presence/core/presence_store.hpp"

namespace rostrum::presence {

// What is done to a domain, each within one transaction.

/// Takes a claim that came in at this moment; it holds for `length` from then.
[[nodiscard]] Decision take_claim(PresenceStore& store, const std::string& domain, const Claim& claim,
                                  MonoTime arrived, Milliseconds length);

/// Gives a lease back; whether it was this epoch's.
bool take_release(PresenceStore& store, const std::string& domain, std::int64_t epoch);

/// Observations as a gateway numbered them.
struct Frame {
  std::int64_t epoch;
  std::int64_t first_sequence;                               ///< from 1
  std::span<const std::optional<Observation>> observations;  ///< nothing: unreadable, but it has its number
  MonoTime arrived;
};

/// What became of a frame.
struct Answer {
  Verdict verdict;
  std::int64_t last_sequence;  ///< stored under its epoch; 0 for a stale one
};

/// What was done, for the metrics.
struct Tally {
  std::array<std::size_t, std::variant_size_v<decltype(Observation::what)>> observations{};  ///< by kind
  std::size_t repeats = 0;
  std::size_t stale = 0;  ///< observations in frames that were refused
  std::size_t behind_gap = 0;
  std::size_t to_online = 0;
  std::size_t to_changed = 0;
  std::size_t to_offline = 0;
};

struct Recorded {
  std::vector<Answer> answers;  ///< in the order of the frames
  Tally tally;
};

/// Stores what is new in these frames of one domain.
[[nodiscard]] Recorded record(PresenceStore& store, const std::string& domain, std::span<const Frame> frames);

/// How far the closing of those has come whom a snapshot did not name.
struct Swept {
  std::size_t closed;
  std::optional<ResourceKey> last;  ///< go on beyond it; nothing: all are closed, or the view was lost again
};

/// Closes at most so many, beyond `after`, if `mark` is still that of the snapshot in force.
[[nodiscard]] Swept sweep_some(PresenceStore& store, const std::string& domain, Mark mark,
                               const std::optional<ResourceKey>& after, std::size_t most);

}  // namespace rostrum::presence
