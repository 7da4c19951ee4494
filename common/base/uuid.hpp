// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/random.hpp"

namespace rostrum {

/// 128 bits with the layout of RFC 9562.
class Uuid {
 public:
  Uuid() = default;  // the nil UUID

  /// From 16 bytes in network order; nothing for any other length.
  [[nodiscard]] static std::optional<Uuid> from_bytes(std::string_view bytes);
  /// From the 36 characters 8-4-4-4-12; hexadecimal digits of either case.
  [[nodiscard]] static std::optional<Uuid> parse(std::string_view text);
  /// Version 7 (RFC 9562 §5.7): 48 bits of Unix time in ms, 74 random bits.
  [[nodiscard]] static Uuid make_v7(WallTime now, Random& random);
  /// Version 4 (RFC 9562 §5.4): 122 random bits.
  [[nodiscard]] static Uuid make_v4(Random& random);

  [[nodiscard]] std::string to_string() const;  // lower case, 36 characters
  [[nodiscard]] std::string to_bytes() const;   // 16 bytes
  /// The same without a copy, for as long as this is there.
  [[nodiscard]] std::string_view bytes() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  [[nodiscard]] int version() const;
  /// The time inside a version 7; meaningless for others.
  [[nodiscard]] WallTime time() const;

  auto operator<=>(const Uuid&) const = default;

 private:
  std::array<unsigned char, 16> bytes_{};
};

/// Identity of an event: always a UUIDv7 of the RFC's variant.
class EventId {
 public:
  [[nodiscard]] static std::optional<EventId> from_bytes(std::string_view bytes);
  [[nodiscard]] static std::optional<EventId> parse(std::string_view text);
  [[nodiscard]] static EventId make(WallTime now, Random& random);

  [[nodiscard]] const Uuid& uuid() const { return uuid_; }
  [[nodiscard]] WallTime time() const { return uuid_.time(); }
  [[nodiscard]] std::string to_string() const { return uuid_.to_string(); }
  [[nodiscard]] std::string to_bytes() const { return uuid_.to_bytes(); }

  auto operator<=>(const EventId&) const = default;

 private:
  explicit EventId(Uuid uuid) : uuid_(uuid) {}
  Uuid uuid_;
};

}  // namespace rostrum

template <>
struct std::hash<rostrum::Uuid> {
  std::size_t operator()(const rostrum::Uuid& uuid) const noexcept;
};
template <>
struct std::hash<rostrum::EventId> {
  std::size_t operator()(const rostrum::EventId& id) const noexcept {
    return std::hash<rostrum::Uuid>{}(id.uuid());
  }
};
