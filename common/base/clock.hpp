// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace rostrum {

/// A moment on the wall: what people and other machines call the time. May jump.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
/// A moment of this process only: never goes back; for deadlines and durations.
using MonoTime = std::chrono::steady_clock::time_point;
using Milliseconds = std::chrono::milliseconds;

/// Where time comes from; injected, so that every test is exact.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual WallTime wall() const = 0;
  [[nodiscard]] virtual MonoTime mono() const = 0;
};

/// The machine's own clocks. Stateless, usable from any thread.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] WallTime wall() const override;
  [[nodiscard]] MonoTime mono() const override;
};

}  // namespace rostrum
