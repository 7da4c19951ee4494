// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/core/delivery_life.hpp"

#include <algorithm>

namespace rostrum::notification {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// When to look again at what cannot be tried now. The pause grows with the age: half of it, within limits;
/// so a newcomer's account is waited for in half seconds, and a member whose account does not come costs
/// little.
WallTime look_again(const Delivery& delivery, WallTime now, Milliseconds longest) {
  const auto age = std::max(now - delivery.queued_at, Milliseconds(0));
  return now + std::clamp(age / 2, Milliseconds(500), longest);
}

/// Pause after an attempt in doubt, beyond its hold: none after the first, then doubling from 30 s to an
/// hour.
Milliseconds pause_in_doubt(unsigned attempts) {
  if (attempts <= 1) return Milliseconds(0);
  const auto doublings = std::min(attempts - 2, 7U);
  return std::min<Milliseconds>(seconds(30) * (1U << doublings), hours(1));
}

unsigned counted(const Delivery& delivery, unsigned attempts) {
  return attempts - delivery.attempts_before;
}

Change expired(const Delivery& delivery, unsigned attempts) {
  if (counted(delivery, attempts) > 0) return {State::kExpired, attempts, delivery.due, "unconfirmed"};
  return {State::kExpired, attempts, delivery.due, "unsent",
          "until its expiry no gateway was there to send it, or the member had no account"};
}

bool is_hopeless(const Delivery& delivery, WallTime now, Milliseconds give_up_after) {
  return counted(delivery, delivery.attempts) >= kMaxAttempts && now - delivery.queued_at >= give_up_after;
}

Change given_up(const Delivery& delivery) {
  return {
      State::kFailed, delivery.attempts, delivery.due, "unconfirmed",
      "the server confirmed none of " + std::to_string(counted(delivery, delivery.attempts)) + " attempts"};
}

std::optional<Change> not_started(const Delivery& delivery, WallTime now) {
  const auto attempts = delivery.attempts - 1;
  if (now >= delivery.expires_at) return expired(delivery, attempts);
  return Change{State::kQueued, attempts, look_again(delivery, now, seconds(30))};
}

std::optional<Change> in_doubt(const Delivery& delivery, WallTime now, Milliseconds give_up_after) {
  if (is_hopeless(delivery, now, give_up_after)) return given_up(delivery);
  if (now >= delivery.expires_at) return expired(delivery, delivery.attempts);
  // Not before the hold ends: until then the stanza may still be on its way.
  return Change{State::kQueued, delivery.attempts,
                std::max(delivery.due, now) + pause_in_doubt(counted(delivery, delivery.attempts))};
}

}  // namespace

bool is_open(State state) {
  return state == State::kQueued || state == State::kAttempting;
}

Change on_due(const Delivery& delivery, Recipient recipient, WallTime now, Milliseconds hold,
              Milliseconds give_up_after) {
  if (now >= delivery.expires_at) return expired(delivery, delivery.attempts);
  // The process that tried has died.
  if (delivery.state == State::kAttempting && is_hopeless(delivery, now, give_up_after))
    return given_up(delivery);
  switch (recipient) {
    case Recipient::kGone:
      return {State::kSuppressed, delivery.attempts, delivery.due, "member-removed"};
    case Recipient::kNotReady:
      return {State::kQueued, delivery.attempts, look_again(delivery, now, minutes(10))};
    case Recipient::kDead:
      return {State::kFailed, delivery.attempts, delivery.due, "account-dead",
              "the member's account could not be made: see its own dead letter"};
    case Recipient::kReady:
      break;
  }
  // Whoever tried has died, again: as slowly as after any doubt.
  if (const auto pause = pause_in_doubt(counted(delivery, delivery.attempts));
      delivery.state == State::kAttempting && pause > Milliseconds(0))
    return {State::kQueued, delivery.attempts, now + pause};
  return {State::kAttempting, delivery.attempts + 1, now + hold};
}

std::optional<Change> on_outcome(const Delivery& delivery, unsigned attempt, const Outcome& outcome,
                                 WallTime now, Milliseconds give_up_after) {
  const bool latest = delivery.state == State::kAttempting && delivery.attempts == attempt;
  const bool may_be_sent = is_open(delivery.state) || delivery.state == State::kExpired;
  switch (outcome.status) {
    case Outcome::Status::kDone:
      if (!may_be_sent) return std::nullopt;
      return Change{State::kSent, delivery.attempts, delivery.due};
    case Outcome::Status::kFailed:
      if (!is_open(delivery.state)) return std::nullopt;
      return Change{State::kFailed, delivery.attempts, delivery.due, outcome.condition, outcome.text};
    case Outcome::Status::kRetry:
      return latest ? not_started(delivery, now) : std::nullopt;
    case Outcome::Status::kUnknown:
      return latest ? in_doubt(delivery, now, give_up_after) : std::nullopt;
  }
  return std::nullopt;
}

Change on_unstorable(const Delivery& delivery, const std::string& detail) {
  return {State::kFailed, delivery.attempts, delivery.due, "not-storable", detail};
}

std::optional<Change> on_receipt(const Delivery& delivery) {
  if (delivery.state == State::kDelivered) return std::nullopt;
  return Change{State::kDelivered, delivery.attempts, delivery.due};
}

std::optional<Change> on_bounce(const Delivery& delivery, const std::string& condition,
                                const std::string& text) {
  if (!is_open(delivery.state) && delivery.state != State::kSent) return std::nullopt;
  return Change{State::kFailed, delivery.attempts, delivery.due, condition, text};
}

}  // namespace rostrum::notification
