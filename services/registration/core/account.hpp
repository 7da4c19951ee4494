// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/uuid.hpp"

namespace rostrum::registration {

/// What is asked of the account door.
enum class Action { kCreate, kSetPassword, kRemove };

/// Why an account cannot be brought to its goal.
struct DeadLetter {
  std::string action;  ///< "create_account" …, or "none"
  /// "conflict", "vanished", "nobody-there", "unconfirmed", "not-storable", "unmakeable",
  /// "unreadable-password", or a condition
  std::string reason;
  std::string detail;  ///< for people
};

/// The event that set an account in motion.
struct Origin {
  std::string source;
  Uuid event;
};

/// One Jabber account on its way to what the site wants; the facts of one row of registration.account, where
/// each is described.
struct Account {
  enum class Goal { kPresent, kAbsent };
  enum class State { kRequested, kAttempting, kActive, kRemoved, kDead, kDropped };

  std::string jid;
  std::string source;
  std::string member_id;
  Goal goal = Goal::kPresent;
  State state = State::kRequested;
  Uuid claim;
  std::optional<Uuid> former_claim;
  bool attempted = false;
  bool exists = false;
  std::optional<WallTime> exists_since;  ///< as the database told it
  std::optional<std::string> sealed_password;
  std::int64_t generation = 1;
  std::int64_t attempt = 0;
  int failures = 0;
  int attempts = 0;  ///< since what should be changed last; of which somebody may have begun the work
  std::optional<Origin> origin;           ///< nothing where it is not known
  std::optional<Milliseconds> due_in;     ///< from now; nothing: unchanged
  std::optional<DeadLetter> dead_letter;  ///< set when the state becomes kDead
};

/// What an attempt set out to do, by the account as it was when it was claimed.
struct Attempt {
  Action action;
  Uuid claim;
  std::int64_t generation;
  std::int64_t number;  ///< Account::attempt
};

}  // namespace rostrum::registration
