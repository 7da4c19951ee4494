// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "services/gateway/core/stanza_check.hpp"

namespace rostrum::gateway {

/// One top-level piece of an XML stream.
struct Piece {
  enum class Kind {
    kHeader,   ///< the server's stream header (RFC 6120 §4.7)
    kElement,  ///< one complete element that the parser behind can take: `xml`
    kHollow,   ///< an element that was thrown away: only its name is left, as `xml`, so that XEP-0198 counts
               ///< stay right
    kEnd,      ///< the server closes the stream
    kBroken,   ///< from here on nobody can tell where an element begins; the stream is lost
  };
  Kind kind;
  std::string xml;
  std::optional<StanzaFault> fault;  ///< for kHollow and kBroken
};

/// Cuts the bytes of a stream into pieces before any parser sees them. Holds one element until it is
/// complete, never more than the limits allow: what grows beyond is skipped to its end and comes out hollow.
/// Everything after a piece stays with the caller, who may want to stop there.
///
/// Lives below gloox's parser, which overflows the stack on deep nesting and loses the whole stream over one
/// comment.
class StanzaGuard {
 public:
  explicit StanzaGuard(StanzaLimits limits = {}) : limits_(limits) {}

  /// The next piece; takes the bytes it used off the front of `bytes`. Nothing: all bytes were used and more
  /// are needed.
  [[nodiscard]] std::optional<Piece> next(std::string_view& bytes);

  /// Bytes held back now; bounded by the limits.
  [[nodiscard]] std::size_t held_bytes() const { return held_.size(); }

 private:
  enum class State {
    kText,
    kOpening,
    kTag,
    kQuoted,
    kMarkup,
    kComment,
    kCData,
    kInstruction,
    kDeclaration,
    kBroken
  };

  std::optional<Piece> take(char byte);
  std::optional<Piece> text(char byte);
  void opening(char byte);
  std::optional<Piece> tag(char byte);
  void markup(char byte);
  std::optional<Piece> tag_complete();
  std::optional<Piece> finish(Piece::Kind kind);
  std::optional<Piece> broken(StanzaFault fault);
  void keep(char byte);
  void condemn(StanzaFault fault);
  void start_over();

  StanzaLimits limits_;
  State state_ = State::kText;
  std::size_t depth_ = 0;         // open elements below the stream itself
  std::size_t elements_ = 0;      // of the element at hand
  std::size_t declarations_ = 0;  // open '<' inside a <!DECLARATION
  char quote_ = 0;
  bool closing_tag_ = false;
  std::string tag_name_;  // of the tag at hand, bounded
  bool name_complete_ = false;
  char before_ = 0;        // the byte before this one, inside tags and instructions
  std::string tail_;       // last bytes, to find "-->", "]]>" and what follows "<!"
  std::string held_;       // the element at hand
  std::string root_name_;  // its name
  std::optional<StanzaFault> fault_;
};

/// For metrics: `too-deep`, `forbidden-markup`, …
[[nodiscard]] std::string_view label(StanzaFault fault);

}  // namespace rostrum::gateway
