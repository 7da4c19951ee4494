// SPDX-License-Identifier: Apache-2.0
#include "common/base/text.hpp"

#include <cstdio>

namespace rostrum {

namespace {

/// One character of a text; length_bytes is 0 where the bytes are not UTF-8.
struct Decoded {
  char32_t character = 0;
  std::size_t length_bytes = 0;
};

/// The Unicode Standard, table 3-7: what may follow a lead byte. The second byte's range shuts out overlong
/// forms, surrogates and what lies above U+10FFFF.
struct Lead {
  std::size_t length_bytes;
  unsigned char second_least;
  unsigned char second_most;
};

Lead lead_of(unsigned char first) {
  if (first >= 0xc2 && first <= 0xdf) return {2, 0x80, 0xbf};
  if (first == 0xe0) return {3, 0xa0, 0xbf};
  if (first == 0xed) return {3, 0x80, 0x9f};
  if (first >= 0xe1 && first <= 0xef) return {3, 0x80, 0xbf};
  if (first == 0xf0) return {4, 0x90, 0xbf};
  if (first >= 0xf1 && first <= 0xf3) return {4, 0x80, 0xbf};
  if (first == 0xf4) return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

/// The character at the beginning of a text that is not empty.
Decoded decode(std::string_view rest) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
  if (byte(0) < 0x80) return {byte(0), 1};
  const auto lead = lead_of(byte(0));
  if (lead.length_bytes == 0 || rest.size() < lead.length_bytes) return {};
  if (byte(1) < lead.second_least || byte(1) > lead.second_most) return {};
  auto character = static_cast<char32_t>(byte(0) & (0x7fU >> lead.length_bytes));
  character = (character << 6U) | (byte(1) & 0x3fU);
  for (std::size_t i = 2; i < lead.length_bytes; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {};
    character = (character << 6U) | (byte(i) & 0x3fU);
  }
  return {character, lead.length_bytes};
}

/// XML 1.0 §2.2, production [2] Char.
bool is_xml_char(char32_t c) {
  return c == 0x9 || c == 0xa || c == 0xd || (c >= 0x20 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) ||
         (c >= 0x10000 && c <= 0x10ffff);
}

bool breaks_line(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029;
}

/// Embeddings, overrides and isolates (UAX #9 §2.1–2.4): they show what follows in an order that is not its
/// own, beyond the text that holds them.
bool reorders(char32_t c) {
  return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/// Allowed in every text: most of most texts.
bool is_plain(char c) {
  return c >= 0x20 && c < 0x7f;
}

bool is_allowed(char32_t c, bool one_line) {
  return is_xml_char(c) && !(one_line && breaks_line(c));
}

}  // namespace

std::string TextError::describe() const {
  if (fault == TextFault::kEmpty) return "empty";
  const auto at_byte = "byte " + std::to_string(byte_offset) + ": ";
  if (fault == TextFault::kTooLong) return at_byte + "longer than is allowed";
  if (fault == TextFault::kNotUtf8) return at_byte + "not UTF-8";
  char name[16];
  (void)std::snprintf(name, sizeof name, "(U+%04X)", static_cast<unsigned>(character));
  const auto* why = is_xml_char(character) ? "a control character or line break, but this is one line "
                                           : "a character that XML 1.0 does not allow ";
  return at_byte + why + name;
}

std::optional<TextError> check_text(std::string_view text, const TextRule& rule) {
  if (text.empty() && !rule.may_be_empty) return TextError{TextFault::kEmpty, 0};
  if (text.size() > rule.max_bytes) return TextError{TextFault::kTooLong, rule.max_bytes};
  for (std::size_t at = 0; at < text.size();) {
    if (is_plain(text[at])) {
      ++at;
      continue;
    }
    const auto decoded = decode(text.substr(at));
    if (decoded.length_bytes == 0) return TextError{TextFault::kNotUtf8, at};
    if (!is_allowed(decoded.character, rule.one_line)) {
      return TextError{TextFault::kForbiddenCharacter, at, decoded.character};
    }
    at += decoded.length_bytes;
  }
  return std::nullopt;
}

std::string printable(std::string_view text, std::size_t max_bytes) {
  std::string shown;
  for (std::size_t at = 0; at < text.size();) {
    const auto decoded = decode(text.substr(at));
    const auto length = decoded.length_bytes == 0 ? 1 : decoded.length_bytes;
    const bool good =
        decoded.length_bytes > 0 && is_allowed(decoded.character, true) && !reorders(decoded.character);
    const auto piece = good ? text.substr(at, length) : std::string_view("?");
    if (shown.size() + piece.size() > max_bytes) break;
    shown += piece;
    at += length;
  }
  return shown;
}

}  // namespace rostrum
