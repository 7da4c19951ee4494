// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "common/base/clock.hpp"

namespace rostrum::notification {

/// How far a delivery has come:
///
///     queued ⇄ attempting → sent → delivered
///        └────────┴──────────┴──→ failed | expired | suppressed
///
/// It never goes back, but for an attempt that did not happen. A member's receipt is the last word whatever
/// was believed before: only who received the stanza knows its token.
enum class State { kQueued, kAttempting, kSent, kDelivered, kFailed, kExpired, kSuppressed };

/// What the rules look at.
struct Delivery {
  State state = State::kQueued;
  unsigned attempts = 0;  ///< handed to a gateway and may have left it; the one at hand included
  WallTime queued_at;
  WallTime due;         ///< queued: not before; attempting: when the attempt's hold ends
  WallTime expires_at;  ///< the notice's
};

/// What a delivery becomes.
struct Change {
  State state;
  unsigned attempts;
  WallTime due;
  std::string reason = {};  ///< why it failed, expired or was suppressed: a condition or a word of ours
  std::string detail = {};  ///< words to it, for people
};

/// The member a due delivery is for, as the directory knows it now.
enum class Recipient {
  kReady,     ///< the Jabber account exists
  kNotReady,  ///< not yet
  kGone,      ///< no such member any more, or under another JID
};

/// How an attempt went: the gateway's word, without the bus.
struct Outcome {
  enum class Status { kDone, kFailed, kRetry, kUnknown };
  Status status;
  std::string condition = {};
  std::string text = {};
};

/// After so many attempts of which none was confirmed the delivery fails as `unconfirmed`: a stanza that
/// makes the server fall over must not do so for ever.
inline constexpr unsigned kMaxAttempts = 12;

[[nodiscard]] bool is_open(State state);

/// A due delivery that was claimed: it is attempted, looked at again later, or ends. `hold`: when the attempt
/// is given up if nothing is heard.
[[nodiscard]] Change on_due(const Delivery& delivery, Recipient recipient, WallTime now, Milliseconds hold);

/// An attempt ended. `attempt` is the value of `attempts` that the attempt was made with. What the server
/// confirmed or refused counts from every attempt; that one did not happen, or is in doubt, only from the
/// latest.
[[nodiscard]] std::optional<Change> on_outcome(const Delivery& delivery, unsigned attempt,
                                               const Outcome& outcome, WallTime now);

/// The member's client confirmed the stanza (XEP-0184).
[[nodiscard]] std::optional<Change> on_receipt(const Delivery& delivery);

/// The server returned the stanza (RFC 6120 §8.3).
[[nodiscard]] std::optional<Change> on_bounce(const Delivery& delivery, const std::string& condition,
                                              const std::string& text);

}  // namespace rostrum::notification
