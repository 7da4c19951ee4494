// SPDX-License-Identifier: Apache-2.0
#include "common/base/random.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <limits>
#include <system_error>
#include <vector>

#include <sys/random.h>

#include "common/base/result.hpp"

namespace rostrum {

std::uint64_t Random::below(std::uint64_t bound) {
  ROSTRUM_INVARIANT(bound > 0);
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  // Draws at or above the last whole multiple of bound are thrown away, else the low numbers would come more
  // often.
  const auto usable = kMost - kMost % bound;
  for (;;) {
    std::array<std::byte, 8> bytes{};
    fill(bytes);
    const auto drawn = std::bit_cast<std::uint64_t>(bytes);
    if (drawn < usable) return drawn % bound;
  }
}

std::string Random::hex(std::size_t bytes) {
  constexpr auto* kDigits = "0123456789abcdef";
  std::vector<std::byte> raw(bytes);
  fill(raw);
  std::string text;
  text.reserve(bytes * 2);
  for (const auto byte : raw) {
    const auto value = std::to_integer<unsigned>(byte);
    text += kDigits[value >> 4U];
    text += kDigits[value & 15U];
  }
  return text;
}

void SystemRandom::fill(std::span<std::byte> out) {
  while (!out.empty()) {
    const auto got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

void SeededRandom::fill(std::span<std::byte> out) {
  while (!out.empty()) {
    state_ += 0x9e3779b97f4a7c15U;
    auto mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    mixed ^= mixed >> 31U;
    const auto bytes = std::bit_cast<std::array<std::byte, 8>>(mixed);
    const auto count = std::min(out.size(), bytes.size());
    std::copy_n(bytes.begin(), count, out.begin());
    out = out.subspan(count);
  }
}

}  // namespace rostrum
