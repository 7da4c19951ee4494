// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "common/base/text.hpp"

namespace rostrum::fuzz {

/// The fuzzer's bytes as text.
[[nodiscard]] inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Cut at each `mark`, which is left out; so many parts, empty ones where the text has fewer.
[[nodiscard]] inline std::vector<std::string_view> parts_of(std::string_view text, char mark,
                                                            std::size_t count) {
  std::vector<std::string_view> parts(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto end = i + 1 < count ? text.find(mark) : std::string_view::npos;
    parts[i] = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parts;
}

/// Whether a log or a terminal can take it: one line of good characters, something, and not without end.
[[nodiscard]] inline bool is_line_for_people(std::string_view text, std::size_t max_bytes) {
  return !check_text(text, {.max_bytes = max_bytes, .may_be_empty = false, .one_line = true});
}

}  // namespace rostrum::fuzz
