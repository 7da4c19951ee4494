// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>

#include "common/base/clock.hpp"

namespace rostrum::test {

/// A clock that moves only when told. Both times start at a fixed moment; threads may read while the test
/// moves it.
class FakeClock final : public Clock {
 public:
  /// 2026-01-01T00:00:00Z, one hour after the machine's start.
  static constexpr WallTime kStartWall{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
  static constexpr MonoTime kStartMono{std::chrono::hours{1}};

  [[nodiscard]] WallTime wall() const override { return kStartWall + elapsed_.load() + jump_.load(); }
  [[nodiscard]] MonoTime mono() const override { return kStartMono + elapsed_.load(); }

  /// Time passes: both clocks go on.
  void advance(Milliseconds by) { elapsed_ = elapsed_.load() + by; }
  /// Somebody sets the wall clock, forth or back; the monotonic one does not notice.
  void jump_wall(Milliseconds by) { jump_ = jump_.load() + by; }

 private:
  std::atomic<Milliseconds> elapsed_{Milliseconds{0}};
  std::atomic<Milliseconds> jump_{Milliseconds{0}};
};

}  // namespace rostrum::test
