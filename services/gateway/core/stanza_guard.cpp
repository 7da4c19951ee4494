// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/stanza_guard.hpp"

#include "common/base/result.hpp"

namespace rostrum::gateway {
namespace {

constexpr std::size_t kLongestName = 256;
constexpr std::string_view kStreamName = "stream:stream";

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// What is left of an element that was thrown away. An iq keeps a type that asks for no answer.
std::string hollow(const std::string& name) {
  if (name == "iq") return "<iq type='result'/>";
  if (name == "message" || name == "presence") return "<" + name + "/>";
  return "<dropped xmlns='urn:rostrum:guard'/>";
}

}  // namespace

std::optional<Piece> StanzaGuard::next(std::string_view& bytes) {
  while (!bytes.empty()) {
    const char byte = bytes.front();
    bytes.remove_prefix(1);
    if (auto piece = take(byte)) return piece;
  }
  return std::nullopt;
}

std::optional<Piece> StanzaGuard::take(char byte) {
  switch (state_) {
    case State::kText:
      return text(byte);
    case State::kOpening:
      opening(byte);
      break;
    case State::kTag:
      return tag(byte);
    case State::kQuoted:
      if (byte == quote_) state_ = State::kTag;
      break;
    case State::kMarkup:
      markup(byte);
      break;
    case State::kComment:
      if (tail_ == "--" && byte == '>') state_ = State::kText;
      tail_ = (tail_ + byte).substr(tail_.size() < 2 ? 0 : 1);
      break;
    case State::kCData:
      if (tail_ == "]]" && byte == '>') state_ = State::kText;
      tail_ = (tail_ + byte).substr(tail_.size() < 2 ? 0 : 1);
      break;
    case State::kInstruction:
      if (before_ == '?' && byte == '>') state_ = State::kText;
      before_ = byte;
      break;
    case State::kDeclaration:
      if (byte == '<') ++declarations_;
      if (byte == '>' && --declarations_ == 0) state_ = State::kText;
      break;
    case State::kBroken:
      return std::nullopt;
  }
  keep(byte);
  return std::nullopt;
}

std::optional<Piece> StanzaGuard::text(char byte) {
  if (byte == '<') {
    if (depth_ == 0) start_over();
    state_ = State::kOpening;
  } else if (depth_ == 0) {
    return is_space(byte)
               ? std::nullopt
               : broken(StanzaFault::kMalformed);  // white space between stanzas keeps connections alive
  }
  keep(byte);
  return std::nullopt;
}

/// The byte after '<'.
void StanzaGuard::opening(char byte) {
  closing_tag_ = byte == '/';
  name_complete_ = false;
  tag_name_.clear();
  before_ = 0;
  tail_.clear();
  if (byte == '!') {
    state_ = State::kMarkup;
  } else if (byte == '?') {
    state_ = State::kInstruction;
    if (depth_ > 0) condemn(StanzaFault::kForbiddenMarkup);
  } else {
    state_ = State::kTag;
    if (!closing_tag_) tag_name_ = byte;
  }
}

/// After "<!": which kind.
void StanzaGuard::markup(char byte) {
  tail_ += byte;
  constexpr std::string_view kCDataStart = "[CDATA[";
  if (tail_ == kCDataStart && depth_ > 0) {
    state_ = State::kCData;
    tail_.clear();
  } else if (tail_ == "--") {
    condemn(StanzaFault::kForbiddenMarkup);
    state_ = State::kComment;
    tail_.clear();
  } else if (tail_ != "-" && !kCDataStart.starts_with(tail_)) {
    condemn(StanzaFault::kForbiddenMarkup);
    declarations_ = 1;
    state_ = State::kDeclaration;
    if (byte == '<') ++declarations_;
    if (byte == '>') state_ = State::kText;
  }
}

std::optional<Piece> StanzaGuard::tag(char byte) {
  keep(byte);
  if (byte == '>') return tag_complete();
  if (byte == '"' || byte == '\'') {
    quote_ = byte;
    state_ = State::kQuoted;
  }
  if (byte == '<') condemn(StanzaFault::kMalformed);
  if (is_space(byte) || byte == '/') name_complete_ = true;
  if (!name_complete_ && tag_name_.size() < kLongestName) tag_name_ += byte;
  before_ = byte;
  return std::nullopt;
}

std::optional<Piece> StanzaGuard::tag_complete() {
  state_ = State::kText;
  const bool is_stream = depth_ == 0 && tag_name_ == kStreamName;
  if (closing_tag_) {
    if (is_stream) return finish(Piece::Kind::kEnd);
    if (depth_ == 0) return broken(StanzaFault::kMalformed);
    return --depth_ == 0 ? finish(Piece::Kind::kElement) : std::nullopt;
  }
  if (is_stream && before_ != '/') return finish(Piece::Kind::kHeader);
  if (depth_ == 0) root_name_ = tag_name_;
  if (++elements_ > limits_.elements) condemn(StanzaFault::kTooManyElements);
  if (before_ != '/') {
    if (++depth_ > limits_.depth) condemn(StanzaFault::kTooDeep);
    return std::nullopt;
  }
  return depth_ == 0 ? finish(Piece::Kind::kElement) : std::nullopt;
}

std::optional<Piece> StanzaGuard::finish(Piece::Kind kind) {
  Piece piece{kind, {}, fault_};
  if (kind == Piece::Kind::kElement) {
    if (!piece.fault) piece.fault = check_stanza(held_, limits_);
    piece.xml = piece.fault ? hollow(root_name_) : std::move(held_);
    if (piece.fault) piece.kind = Piece::Kind::kHollow;
  } else if (fault_) {
    return broken(*fault_);  // a header that is too large or hides markup
  }
  start_over();
  return piece;
}

std::optional<Piece> StanzaGuard::broken(StanzaFault fault) {
  start_over();
  state_ = State::kBroken;
  return Piece{Piece::Kind::kBroken, {}, fault};
}

void StanzaGuard::keep(char byte) {
  if (fault_) return;
  if (held_.size() == limits_.bytes) return condemn(StanzaFault::kTooLarge);
  held_ += byte;
}

/// The element at hand will come out hollow; from now on only its end matters.
void StanzaGuard::condemn(StanzaFault fault) {
  if (!fault_) fault_ = fault;
  held_.clear();
  held_.shrink_to_fit();
}

void StanzaGuard::start_over() {
  held_.clear();
  root_name_.clear();
  fault_.reset();
  elements_ = 0;
}

std::string_view label(StanzaFault fault) {
  switch (fault) {
    case StanzaFault::kTooLarge:
      return "too-large";
    case StanzaFault::kTooDeep:
      return "too-deep";
    case StanzaFault::kTooManyElements:
      return "too-many-elements";
    case StanzaFault::kTooManyAttributes:
      return "too-many-attributes";
    case StanzaFault::kForbiddenMarkup:
      return "forbidden-markup";
    case StanzaFault::kBadReference:
      return "bad-reference";
    case StanzaFault::kForbiddenCharacter:
      return "forbidden-character";
    case StanzaFault::kStreamPrefix:
      return "stream-prefix";
    case StanzaFault::kMalformed:
      return "malformed";
  }
  fail_invariant("a StanzaFault without a label", __FILE__, __LINE__);
}

}  // namespace rostrum::gateway
