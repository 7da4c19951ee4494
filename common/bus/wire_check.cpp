// SPDX-License-Identifier: Apache-2.0
#include "common/bus/wire_check.hpp"

#include <cstdint>
#include <limits>
#include <optional>

#include <google/protobuf/descriptor.h>

namespace rostrum::bus {

namespace {

/// https://protobuf.dev/programming-guides/encoding/#structure
enum WireType : std::uint64_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

/// Takes it off the front; nothing where there is none within ten bytes.
std::optional<std::uint64_t> take_varint(std::string_view& rest) {
  constexpr std::size_t kMostBytes = 10;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kMostBytes && i < rest.size(); ++i) {
    const auto byte = static_cast<unsigned char>(rest[i]);
    value |= std::uint64_t{byte & 0x7fU} << (7 * i);
    if ((byte & 0x80U) != 0) continue;
    rest.remove_prefix(i + 1);
    return value;
  }
  return std::nullopt;
}

bool take_bytes(std::string_view& rest, std::size_t count) {
  if (rest.size() < count) return false;
  rest.remove_prefix(count);
  return true;
}

}  // namespace

bool WireCheck::passes(std::string_view bytes, const google::protobuf::Descriptor& type) {
  if (depth_left_ == 0) return false;
  --depth_left_;
  while (!bytes.empty()) {
    if (!passes_field(bytes, type)) return false;
  }
  ++depth_left_;
  return true;
}

bool WireCheck::passes_field(std::string_view& rest, const google::protobuf::Descriptor& type) {
  const auto tag = take_varint(rest);
  if (!tag || *tag > std::numeric_limits<std::uint32_t>::max()) return false;
  const auto* field = type.FindFieldByNumber(static_cast<int>(*tag >> 3U));
  if (field == nullptr || field->is_repeated()) {
    if (entries_left_ == 0) return false;
    --entries_left_;
  }
  switch (*tag & 7U) {
    case kVarint:
      return take_varint(rest).has_value();
    case kFixed64:
      return take_bytes(rest, 8);
    case kFixed32:
      return take_bytes(rest, 4);
    case kLengthDelimited: {
      const auto length = take_varint(rest);
      if (!length || *length > rest.size()) return false;
      const auto content = rest.substr(0, *length);
      rest.remove_prefix(*length);
      if (field == nullptr || field->message_type() == nullptr) return true;
      return passes(content, *field->message_type());
    }
    default:
      return false;
  }
}

}  // namespace rostrum::bus
