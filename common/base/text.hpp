// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rostrum {

/// Why a text cannot be carried in a stanza.
enum class TextFault { kNotUtf8, kForbiddenCharacter, kTooLong, kEmpty };

/// What is wrong with a text, and at which byte.
struct TextError {
  TextFault fault;
  std::size_t byte_offset;
  char32_t character = 0;  ///< the one that kForbiddenCharacter means
  /// For people: "byte 17: a character that XML 1.0 does not allow (U+0007)". Never shows the text.
  [[nodiscard]] std::string describe() const;
};

/// How a text may be.
struct TextRule {
  std::size_t max_bytes;
  bool may_be_empty = true;
  bool one_line = false;  ///< also refuses every control character (C0, DEL, C1, U+2028, U+2029): for names,
                          ///< ids and titles
};

/// Strict UTF-8 (no overlong forms, no surrogates) of XML 1.0 `Char` only, within the rule; nothing when the
/// text is good.
[[nodiscard]] std::optional<TextError> check_text(std::string_view text, const TextRule& rule);

/// At most max_bytes of a text, cut at a character's boundary; what check_text would refuse in one line
/// becomes '?', byte by byte where it is not UTF-8, and so do the controls that reverse the order of what
/// follows them. For log lines, error texts and tables.
[[nodiscard]] std::string printable(std::string_view text, std::size_t max_bytes);

}  // namespace rostrum
