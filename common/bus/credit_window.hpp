// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "common/base/result.hpp"

namespace rostrum::bus {

/// Counts one conversation's events (commands, observations) on the side that gives credit. All counts are
/// totals since Welcome.
class CreditWindow {
 public:
  /// Room for so many that are not answered. What was granted is never taken back.
  void allow(std::uint64_t unanswered) { granted_ = std::max(granted_, answered_ + unanswered); }
  /// False: more than was granted; nothing is counted.
  [[nodiscard]] bool take(std::uint64_t count) {
    if (count > granted_ - used_) return false;
    used_ += count;
    return true;
  }
  void answer(std::uint64_t count) {
    answered_ += count;
    ROSTRUM_INVARIANT(answered_ <= used_);
  }
  [[nodiscard]] std::uint64_t granted() const { return granted_; }
  [[nodiscard]] std::uint64_t left() const { return granted_ - used_; }
  [[nodiscard]] std::uint64_t unanswered() const { return used_ - answered_; }

 private:
  std::uint64_t granted_ = 0;
  std::uint64_t used_ = 0;
  std::uint64_t answered_ = 0;
};

/// The same conversation on the side that spends.
class CreditPurse {
 public:
  void begin(std::uint64_t granted) { *this = CreditPurse(granted); }
  void raise(std::uint64_t granted) { granted_ = std::max(granted_, granted); }
  void spend(std::uint64_t count) {
    ROSTRUM_INVARIANT(count <= left());
    spent_ += count;
  }
  [[nodiscard]] std::uint64_t left() const { return granted_ - spent_; }

  CreditPurse() = default;

 private:
  explicit CreditPurse(std::uint64_t granted) : granted_(granted) {}
  std::uint64_t granted_ = 0;
  std::uint64_t spent_ = 0;
};

}  // namespace rostrum::bus
