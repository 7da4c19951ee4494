// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/clock.hpp"
#include "common/base/random.hpp"

namespace rostrum {

/// Waiting longer after each failure: doubling from `first`, never above `cap`, then a random half taken off
/// ("equal jitter"), so that a crowd that failed together does not come back together.
struct Backoff {
  Milliseconds first;
  Milliseconds cap;

  /// How long to wait after the given number of failures in a row (1 or more): between half of and the whole
  /// capped step.
  [[nodiscard]] Milliseconds delay(unsigned failures, Random& random) const;
};

}  // namespace rostrum
