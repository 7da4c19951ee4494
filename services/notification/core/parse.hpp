// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "common/base/jid.hpp"
#include "common/base/result.hpp"
#include "services/notification/core/notice.hpp"
#include "services/notification/core/stanza_id.hpp"

namespace rostrum::v1 {
class Event;
}

namespace rostrum::notification {

/// What is wrong with an event's payload.
enum class Flaw { kMissingField, kInvalidField, kInvalidText, kInvalidJid, kUnknownType };

/// Which field, what is wrong with it, what is allowed; never the value.
struct ParseError {
  Flaw flaw;
  std::string text;
};

/// What came back for a stanza: a member's receipt, or the server's bounce.
struct Feedback {
  std::optional<StanzaId> stanza;  ///< nothing: no id of ours
  Jid from;
  bool bounced;
  std::string condition = {};  ///< of a bounce
  std::string text = {};       ///< of a bounce; may be empty
};

/// What the contract (event.proto) says of a notice, but for its expiry's relation to the present.
[[nodiscard]] Result<Notice, ParseError> parse_notice(const v1::Event& event);
/// The same of a receipt or a bounce.
[[nodiscard]] Result<Feedback, ParseError> parse_feedback(const v1::Event& event);

/// When a notice expires: as it says, or `default_life` from now. Nothing when it says a moment that is past
/// or more than a year away.
[[nodiscard]] std::optional<WallTime> expiry_of(const Notice& notice, WallTime now,
                                                Milliseconds default_life);

}  // namespace rostrum::notification
