// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>

#include "common/base/random.hpp"

namespace rostrum::bus {

/// The 16 random bytes by which one run of a process is told from the next.
[[nodiscard]] inline std::string make_instance(Random& random) {
  std::array<std::byte, 16> bytes{};
  random.fill(bytes);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace rostrum::bus
