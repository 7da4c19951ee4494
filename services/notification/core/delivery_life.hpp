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
  unsigned attempts = 0;         ///< handed to a gateway and may have left it; the one at hand included
  unsigned attempts_before = 0;  ///< of these, before the operator replayed it: they do not count
  WallTime queued_at;            ///< made or replayed
  WallTime due;                  ///< queued: not before; attempting: when the attempt's hold ends
  WallTime expires_at;           ///< the notice's, or as far as the operator extended it
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
  kDead,      ///< its making was given up: a dead letter of registration's
  kGone,      ///< no such member any more, or under another JID
};

/// How an attempt went: the gateway's word, without the bus.
struct Outcome {
  enum class Status { kDone, kFailed, kRetry, kUnknown };
  Status status;
  std::string condition = {};
  std::string text = {};
};

/// Attempts in doubt are no failures: somebody's stream or process died under them. Yet a stanza that makes
/// the server fall over must not do so for ever: after so many attempts of which none was confirmed, *and*
/// when the delivery has been at it for as long as `give_up_after` says, it fails as `unconfirmed`.
inline constexpr unsigned kMaxAttempts = 12;

[[nodiscard]] bool is_open(State state);

/// A due delivery that was claimed: it is attempted, looked at again later, or ends. `hold`: when the attempt
/// is given up if nothing is heard. `give_up_after`: see kMaxAttempts.
[[nodiscard]] Change on_due(const Delivery& delivery, Recipient recipient, WallTime now, Milliseconds hold,
                            Milliseconds give_up_after);

/// An attempt ended. `attempt` is the value of `attempts` that the attempt was made with. What the server
/// confirmed or refused counts from every attempt; that one did not happen, or is in doubt, only from the
/// latest.
[[nodiscard]] std::optional<Change> on_outcome(const Delivery& delivery, unsigned attempt,
                                               const Outcome& outcome, WallTime now,
                                               Milliseconds give_up_after);

/// The database refuses to record what became of it.
[[nodiscard]] Change on_unstorable(const Delivery& delivery, const std::string& detail);

/// The member's client confirmed the stanza (XEP-0184).
[[nodiscard]] std::optional<Change> on_receipt(const Delivery& delivery);

/// The server returned the stanza (RFC 6120 §8.3).
[[nodiscard]] std::optional<Change> on_bounce(const Delivery& delivery, const std::string& condition,
                                              const std::string& text);

}  // namespace rostrum::notification
