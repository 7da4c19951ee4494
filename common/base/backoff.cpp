// SPDX-License-Identifier: Apache-2.0
#include "common/base/backoff.hpp"

#include "common/base/result.hpp"

namespace rostrum {

Milliseconds Backoff::delay(unsigned failures, Random& random) const {
  ROSTRUM_INVARIANT(failures >= 1 && first.count() > 0 && cap >= first);
  auto step = first;
  // Halving the cap instead of doubling the step: nothing can overflow, however large the cap.
  for (unsigned doubled = 1; doubled < failures && step < cap; ++doubled)
    step = step > cap / 2 ? cap : step * 2;
  const auto half = static_cast<std::uint64_t>(step.count() / 2);
  return step - Milliseconds{static_cast<Milliseconds::rep>(random.below(half + 1))};
}

}  // namespace rostrum
