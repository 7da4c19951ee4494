// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/random.hpp"
#include "services/registration/core/account.hpp"

namespace rostrum::registration {

// All transitions of an account. Each changes the facts; where the account then rests follows from them:
//
//     a former account under this JID must go first     → requested
//     wanted, and a password waits to be set            → requested
//     wanted, exists, no password waits                 → active
//     wanted, does not exist, no password to make it    → dead (vanished)
//     not wanted, the server may know its claim         → requested
//     not wanted, the server cannot know it             → removed
//
// A dead account rests until the site wants something of it, or the operator: he may replay it, which asks
// for the same again under the same claim, or drop it. Both are done by SQL (schema/0005_dead_letters.sql).
//
// An account that is being attempted stays *attempting* whatever the site says meanwhile; `generation` has
// the result's settlement see it.

/// A member states this JID, which no member had before. `claim` is a new one.
[[nodiscard]] Account request_account(std::string jid, std::string source, std::string member_id,
                                      std::string sealed_password, Uuid claim);
/// A member states a JID whose account is dead, removed or on its way there: another life, under a new claim;
/// what the server may hold under the former one goes first.
void request_again(Account& account, std::string source, std::string member_id, std::string sealed_password,
                   Uuid claim);
/// The member has another password; also what a dead account was waiting for.
void want_password(Account& account, std::string sealed_password);
/// The member is gone.
void want_absent(Account& account);
/// The server says that the account is gone, though nobody asked for it. Late news about an earlier life
/// change nothing: false.
bool note_vanished(Account& account, WallTime at, Uuid fresh_claim);

/// What has to be asked of the door now; for an account that is requested or attempting.
[[nodiscard]] Action next_action(const Account& account);
/// The attempt that a freshly claimed account means.
[[nodiscard]] Attempt attempt_of(const Account& account);

/// How an attempt went; as the command link says it.
struct AttemptResult {
  enum class Status { kDone, kFailed, kRetry, kUnknown } status;
  std::string condition;
  std::string text;
};

/// Takes in the result of the attempt that holds the account. False: another attempt holds it by now, nothing
/// was changed.
bool settle(Account& account, const Attempt& attempt, const AttemptResult& result, Uuid fresh_claim,
            Random& random);

/// Attempts that failed in a row for a reason that may pass; after them the account is dead. What came back
/// because our side was away (RETRY, UNKNOWN) is no failure.
inline constexpr int kMaxFailures = 10;

/// The account has waited for longer than work may wait: dead, because nobody was there. For one that is
/// requested, or attempting while nobody holds it any more.
void give_up_waiting(Account& account);

/// The database refuses to record what became of the account: dead, whatever it was.
void give_up_unstorable(Account& account, const std::string& detail);

/// "create_account" …, as the command is named in the contract.
[[nodiscard]] std::string_view name_of(Action action);

}  // namespace rostrum::registration
