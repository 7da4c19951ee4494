// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace rostrum {

/// Where chance comes from; injected, so that a test can replay a seed.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::byte> out) = 0;

  /// A number in [0, bound), evenly spread; bound must not be 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound);
  /// `bytes` random bytes as lower-case hexadecimal: 2 characters a byte.
  [[nodiscard]] std::string hex(std::size_t bytes);
};

/// getrandom(2): unpredictable, usable from any thread. Throws std::system_error where the kernel has no
/// randomness.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override;
};

/// The same numbers for the same seed (SplitMix64). For tests and simulations, never for secrets.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::byte> out) override;

 private:
  std::uint64_t state_;
};

}  // namespace rostrum
