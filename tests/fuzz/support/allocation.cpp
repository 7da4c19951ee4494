// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/support/allocation.hpp"

#include <algorithm>
#include <atomic>

#include <sanitizer/allocator_interface.h>

#include "common/base/result.hpp"

namespace rostrum::fuzz {

namespace {

// The sanitizer's hooks are plain functions without an argument of ours.
std::atomic<bool> counting = false;
std::atomic<std::ptrdiff_t> held = 0;
std::atomic<std::ptrdiff_t> most = 0;

void allocated(const volatile void* /*memory*/, std::size_t bytes) {
  if (!counting) return;
  const auto now = held += static_cast<std::ptrdiff_t>(bytes);
  most = std::max(most.load(), now);
}

void freed(const volatile void* memory) {
  if (!counting || memory == nullptr) return;
  held -= static_cast<std::ptrdiff_t>(__sanitizer_get_allocated_size(memory));
}

}  // namespace

AllocationMeter::AllocationMeter() {
  static const bool hooked = __sanitizer_install_malloc_and_free_hooks(allocated, freed) != 0;
  ROSTRUM_INVARIANT(hooked && !counting);
  held = 0;
  most = 0;
  counting = true;
}

AllocationMeter::~AllocationMeter() {
  counting = false;
}

std::size_t AllocationMeter::most_bytes() const {
  return static_cast<std::size_t>(most);
}

}  // namespace rostrum::fuzz
