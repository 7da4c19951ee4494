// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/core/admission.hpp"

#include <algorithm>

namespace rostrum::presence {

Admission admit(const Lease& lease, std::int64_t epoch, std::int64_t first_sequence, std::size_t count) {
  if (epoch != lease.epoch) return {Verdict::kStale};
  if (first_sequence > lease.last_sequence + 1) return {Verdict::kGap};
  const auto known = static_cast<std::size_t>(lease.last_sequence + 1 - first_sequence);
  return {Verdict::kStored, std::min(known, count)};
}

}  // namespace rostrum::presence
