// SPDX-License-Identifier: Apache-2.0
#include "common/base/uuid.hpp"

#include <cstdint>
#include <cstring>
#include <span>

namespace rostrum {

namespace {

constexpr std::size_t kTextLength = 36;

bool hyphen_stands_at(std::size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

/// RFC 9562 §4.1 and §4.2: the upper half of byte 6 is the version, the upper two bits of byte 8 are the
/// variant 10.
void stamp(std::array<unsigned char, 16>& bytes, unsigned version) {
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0fU) | (version << 4U));
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3fU) | 0x80U);
}

bool is_event_id(const Uuid& uuid) {
  const auto variant = static_cast<unsigned char>(uuid.to_bytes()[8]) >> 6U;
  return uuid.version() == 7 && variant == 2U;
}

}  // namespace

std::optional<Uuid> Uuid::from_bytes(std::string_view bytes) {
  Uuid uuid;
  if (bytes.size() != uuid.bytes_.size()) return std::nullopt;
  std::memcpy(uuid.bytes_.data(), bytes.data(), bytes.size());
  return uuid;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != kTextLength) return std::nullopt;
  Uuid uuid;
  std::size_t half_bytes = 0;
  for (std::size_t i = 0; i < kTextLength; ++i) {
    if (hyphen_stands_at(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const auto value = hex_value(text[i]);
    if (value < 0) return std::nullopt;
    auto& byte = uuid.bytes_[half_bytes / 2];
    byte = static_cast<unsigned char>((byte << 4U) | value);
    ++half_bytes;
  }
  return uuid;
}

Uuid Uuid::make_v7(WallTime now, Random& random) {
  Uuid uuid;
  random.fill(std::as_writable_bytes(std::span(uuid.bytes_)));
  auto unix_ms = static_cast<std::uint64_t>(now.time_since_epoch().count());
  for (int i = 5; i >= 0; --i, unix_ms >>= 8U) {
    uuid.bytes_[static_cast<std::size_t>(i)] = static_cast<unsigned char>(unix_ms);
  }
  stamp(uuid.bytes_, 7);
  return uuid;
}

Uuid Uuid::make_v4(Random& random) {
  Uuid uuid;
  random.fill(std::as_writable_bytes(std::span(uuid.bytes_)));
  stamp(uuid.bytes_, 4);
  return uuid;
}

std::string Uuid::to_string() const {
  constexpr auto* kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(kTextLength);
  for (const auto byte : bytes_) {
    if (hyphen_stands_at(text.size())) text += '-';
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

std::string Uuid::to_bytes() const {
  return {bytes_.begin(), bytes_.end()};
}

int Uuid::version() const {
  return bytes_[6] >> 4U;
}

WallTime Uuid::time() const {
  std::int64_t unix_ms = 0;
  for (std::size_t i = 0; i < 6; ++i) unix_ms = unix_ms * 256 + bytes_[i];
  return WallTime{Milliseconds{unix_ms}};
}

std::optional<EventId> EventId::from_bytes(std::string_view bytes) {
  const auto uuid = Uuid::from_bytes(bytes);
  if (!uuid || !is_event_id(*uuid)) return std::nullopt;
  return EventId(*uuid);
}

std::optional<EventId> EventId::parse(std::string_view text) {
  const auto uuid = Uuid::parse(text);
  if (!uuid || !is_event_id(*uuid)) return std::nullopt;
  return EventId(*uuid);
}

EventId EventId::make(WallTime now, Random& random) {
  return EventId(Uuid::make_v7(now, random));
}

}  // namespace rostrum

std::size_t std::hash<rostrum::Uuid>::operator()(const rostrum::Uuid& uuid) const noexcept {
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(&uuid), sizeof uuid});
}
