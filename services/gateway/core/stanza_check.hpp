// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace rostrum::gateway {

/// How large an incoming element may be.
struct StanzaLimits {
  std::size_t bytes = 262'144;
  std::size_t depth = 32;
  std::size_t elements = 1'000;
  std::size_t attributes = 64;  ///< of one element
};

/// Why an element is thrown away.
enum class StanzaFault {
  kTooLarge,
  kTooDeep,
  kTooManyElements,
  kTooManyAttributes,
  kForbiddenMarkup,  ///< comment, declaration, processing instruction (RFC 6120 §11.1)
  kBadReference,     ///< an entity that XML does not define, or a number that the parser behind cannot take
  kForbiddenCharacter,  ///< not UTF-8, or no XML 1.0 character
  kStreamPrefix,        ///< `stream:` inside an element
  kMalformed,           ///< not well-formed, or a form that the parser behind misreads
};

/// What is wrong with one complete element, or nothing. Takes only what gloox's parser understands as XML
/// does: names of ASCII letters, digits, '-', '_', '.' and at most one colon, no white space inside closing
/// tags, no double quote inside single quotes, character references up to U+FFFF.
[[nodiscard]] std::optional<StanzaFault> check_stanza(std::string_view xml, const StanzaLimits& limits);

}  // namespace rostrum::gateway
