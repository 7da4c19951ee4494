// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "common/base/result.hpp"
#include "common/bus/load.hpp"

namespace rostrum::bus {

/// Counts one conversation's events (commands, observations) and their bytes on the side that gives credit.
/// All counts are totals since Welcome.
class CreditWindow {
 public:
  /// Room for so much that is not answered. What was granted is never taken back.
  void allow(const Load& unanswered) { granted_ = larger(granted_, answered_ + unanswered); }
  /// False: more than was granted; nothing is counted.
  [[nodiscard]] bool take(const Load& load) {
    if (!load.fits(left())) return false;
    used_ += load;
    return true;
  }
  void answer(const Load& load) {
    answered_ += load;
    ROSTRUM_INVARIANT(answered_.fits(used_));
  }
  [[nodiscard]] Load granted() const { return granted_; }
  [[nodiscard]] Load left() const { return granted_ - used_; }
  [[nodiscard]] Load unanswered() const { return used_ - answered_; }

 private:
  Load granted_;
  Load used_;
  Load answered_;
};

/// The same conversation on the side that spends: nothing while the other side pauses.
class CreditPurse {
 public:
  void begin(const Load& granted) {
    granted_ = granted;
    spent_ = {};
    is_paused_ = false;
  }
  void hear(const Load& granted, bool is_paused) {
    granted_ = larger(granted_, granted);
    is_paused_ = is_paused;
  }
  /// False: there is not enough; nothing is spent.
  [[nodiscard]] bool spend(const Load& load) {
    if (!load.fits(left())) return false;
    spent_ += load;
    return true;
  }
  [[nodiscard]] Load left() const { return is_paused_ ? Load{} : granted_ - spent_; }

 private:
  Load granted_;
  Load spent_;
  bool is_paused_ = false;
};

}  // namespace rostrum::bus
