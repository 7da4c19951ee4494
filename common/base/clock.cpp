// SPDX-License-Identifier: Apache-2.0
#include "common/base/clock.hpp"

namespace rostrum {

WallTime SystemClock::wall() const {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

MonoTime SystemClock::mono() const {
  return std::chrono::steady_clock::now();
}

}  // namespace rostrum
