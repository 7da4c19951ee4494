// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"

namespace rostrum::gateway {

/// RFC 6121 §4.7.2.1; kOnline: no word of its own.
enum class Show : std::uint8_t { kOnline, kChat, kAway, kXa, kDnd };

/// How a resource is there.
struct ResourceState {
  Show show = Show::kOnline;
  std::int8_t priority = 0;
  std::string status;  ///< XML 1.0 characters, at most 1,024 bytes

  bool operator==(const ResourceState&) const = default;
};

/// How a resource went.
enum class Departure : std::uint8_t {
  kLeft,     ///< the client said so
  kDropped,  ///< the server ended its session without such a word
};

/// A resource of the one domain that we see: `localpart/resource`, which is a full JID without what all of
/// them have in common.
class ResourceName {
 public:
  /// Of parts that were checked (presence_check.hpp).
  ResourceName(std::string_view localpart, std::string_view resource);

  [[nodiscard]] const std::string& text() const { return text_; }
  /// A localpart has no slash; a resource may.
  [[nodiscard]] std::string_view localpart() const {
    return std::string_view(text_).substr(0, text_.find('/'));
  }
  [[nodiscard]] std::string_view resource() const {
    return std::string_view(text_).substr(text_.find('/') + 1);
  }
  auto operator<=>(const ResourceName&) const = default;

 private:
  std::string text_;
};

/// For what nobody told the time of.
inline constexpr MonoTime kUnknownMoment = MonoTime::min();
/// Of two moments, of which either may be unknown.
[[nodiscard]] constexpr MonoTime earlier(MonoTime one, MonoTime other) {
  if (one == kUnknownMoment) return other;
  return other == kUnknownMoment ? one : std::min(one, other);
}

}  // namespace rostrum::gateway
