// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace rostrum::bus {

/// So much work: how many events (commands, observations), and the bytes of them as they are serialised.
struct Load {
  /// For `bytes`: the other side does not count them (a version before `credit_bytes`).
  static constexpr std::uint64_t kUncounted = std::numeric_limits<std::uint64_t>::max();

  std::uint64_t items = 0;
  std::uint64_t bytes = 0;

  [[nodiscard]] constexpr bool fits(const Load& room) const {
    return items <= room.items && bytes <= room.bytes;
  }
  constexpr Load& operator+=(const Load& more) {
    items += more.items;
    bytes += more.bytes;
    return *this;
  }
  constexpr Load& operator-=(const Load& less) {
    items -= less.items;
    bytes -= less.bytes;
    return *this;
  }
  friend constexpr Load operator+(Load left, const Load& right) { return left += right; }
  friend constexpr Load operator-(Load left, const Load& right) { return left -= right; }
  friend constexpr bool operator==(const Load&, const Load&) = default;
};

[[nodiscard]] constexpr Load larger(const Load& one, const Load& other) {
  return {std::max(one.items, other.items), std::max(one.bytes, other.bytes)};
}
[[nodiscard]] constexpr Load smaller(const Load& one, const Load& other) {
  return {std::min(one.items, other.items), std::min(one.bytes, other.bytes)};
}

/// Room without what is taken; nothing where more is taken than there is.
[[nodiscard]] constexpr Load rest_of(const Load& room, const Load& taken) {
  return room - smaller(room, taken);
}

/// How full the binding side of a link is.
struct IntakeFlow {
  Load waiting;  ///< received and not answered
  Load granted;  ///< what all peers together may still send; nothing while closed
  Load budget;   ///< what may wait of all peers together; nothing while closed
};

/// How full the connecting side is.
struct PublisherFlow {
  Load unanswered;
  Load credit;  ///< what would be taken now
};

}  // namespace rostrum::bus
