// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "common/base/clock.hpp"

namespace rostrum::service {

/// Lets a few log lines pass in each period, and counts those that it kept back: for what strangers can
/// cause as often as they like.
class Seldom {
 public:
  /// How many were kept back since the last one that passed; nothing: keep this one back as well.
  [[nodiscard]] std::optional<std::uint64_t> pass(MonoTime now) {
    if (now - begin_ >= kPeriod) {
      begin_ = now;
      passed_ = 0;
    }
    if (passed_ == kLinesPerPeriod) {
      ++kept_back_;
      return std::nullopt;
    }
    ++passed_;
    return std::exchange(kept_back_, 0);
  }

 private:
  static constexpr int kLinesPerPeriod = 10;
  static constexpr std::chrono::seconds kPeriod{10};
  MonoTime begin_{};
  int passed_ = 0;
  std::uint64_t kept_back_ = 0;
};

}  // namespace rostrum::service
