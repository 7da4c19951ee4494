// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

namespace rostrum::fuzz {

/// How much memory was held at once, by all threads, since it was made; by ASan's allocator, which counts
/// what was asked for. One at a time.
class AllocationMeter {
 public:
  AllocationMeter();
  ~AllocationMeter();
  AllocationMeter(const AllocationMeter&) = delete;
  AllocationMeter& operator=(const AllocationMeter&) = delete;
  [[nodiscard]] std::size_t most_bytes() const;
};

}  // namespace rostrum::fuzz
