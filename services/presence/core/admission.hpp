// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

#include "services/presence/core/lease.hpp"

namespace rostrum::presence {

/// What becomes of a frame of observations.
enum class Verdict {
  kStored,  ///< all of it is stored, from now or from before
  kStale,   ///< its sender does not own the domain
  kGap,     ///< something before it is missing
};

struct Admission {
  Verdict verdict;
  std::size_t repeats = 0;  ///< so many of its first observations are stored already
};

/// A frame of `count` observations numbered from `first_sequence`. Its epoch decides, not whether the lease
/// is still valid: as long as no other epoch began, its owner may tell what it saw.
[[nodiscard]] Admission admit(const Lease& lease, std::int64_t epoch, std::int64_t first_sequence,
                              std::size_t count);

}  // namespace rostrum::presence
