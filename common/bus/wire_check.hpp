// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace google::protobuf {
class Descriptor;
}

namespace rostrum::bus {

/// Looks over a serialised message before the library reads it, which believes lengths: it makes room for a
/// text as long as its prefix says, up to 50 MB, before it sees that there is less (protobuf 3.21,
/// EpsCopyInputStream::ReadStringFallback), and for any number of entries.
class WireCheck {
 public:
  /// How deep messages may be nested, and how many entries of repeated fields and unknown fields there may be
  /// in all.
  WireCheck(int most_depth, std::size_t most_entries)
      : depth_left_(most_depth), entries_left_(most_entries) {}

  /// Whether every field ends where the message it stands in says, none is a group (proto3 has none), and the
  /// limits hold.
  [[nodiscard]] bool passes(std::string_view bytes, const google::protobuf::Descriptor& type);

 private:
  [[nodiscard]] bool passes_field(std::string_view& rest, const google::protobuf::Descriptor& type);

  int depth_left_;
  std::size_t entries_left_;
};

}  // namespace rostrum::bus
