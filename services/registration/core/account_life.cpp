// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/registration/core/account_life.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/backoff.hpp"
#include "common/base/result.hpp"

namespace rostrum::registration {
namespace {

using Goal = Account::Goal;
using State = Account::State;
using Status = AttemptResult::Status;

constexpr Backoff kAfterFailure{Milliseconds(2'000), Milliseconds(300'000)};
/// Somebody's stream died under it, perhaps because of it: soon again at first, then slower.
constexpr Backoff kAfterUnknown{Milliseconds(1'000), Milliseconds(60'000)};

constexpr std::string_view kConflict = "conflict";
constexpr std::string_view kItemNotFound = "item-not-found";

/// Conditions of RFC 6120 §8.3.3 that say something of the server's moment or of the gateway's rights rather
/// than of this account.
bool may_pass(std::string_view condition) {
  constexpr std::array<std::string_view, 8> kPassing{
      "resource-constraint",     "internal-server-error", "service-unavailable", "remote-server-timeout",
      "remote-server-not-found", "recipient-unavailable", "forbidden",           "undefined-condition"};
  return std::find(kPassing.begin(), kPassing.end(), condition) != kPassing.end();
}

void give_up(Account& account, std::string_view action, std::string_view reason, std::string detail) {
  account.state = State::kDead;
  account.dead_letter = DeadLetter{std::string(action), std::string(reason), std::move(detail)};
}

/// Where the facts leave an account that nobody is attempting. See the table in the header.
void come_to_rest(Account& account) {
  const bool wanted = account.goal == Goal::kPresent;
  const bool work_waits =
      account.former_claim || (wanted ? account.sealed_password.has_value() : account.attempted);
  if (work_waits) {
    account.state = State::kRequested;
  } else if (!wanted) {
    account.state = State::kRemoved;
  } else if (account.exists) {
    account.state = State::kActive;
  } else {
    give_up(account, "none", "vanished",
            "the account is gone from the server; state the member again with its password");
  }
  if (account.state == State::kRequested && !account.due_in) account.due_in = Milliseconds(0);
}

/// The site wants something else than before.
void change_goal(Account& account) {
  ++account.generation;
  account.failures = account.attempts = 0;
  if (account.state != State::kAttempting) come_to_rest(account);
}

/// The server holds nothing under the claim any more; the next life has another claim, so that the two can be
/// told apart.
void forget_life(Account& account, Uuid fresh_claim) {
  account.claim = fresh_claim;
  account.attempted = false;
  account.exists = false;
}

void settle_done(Account& account, const Attempt& attempt, bool is_current) {
  const bool of_this_life = attempt.claim == account.claim;
  account.failures = 0;
  if (attempt.action == Action::kRemove) {
    if (attempt.claim == account.former_claim) account.former_claim.reset();
    if (of_this_life) account.attempted = account.exists = false;
    return;
  }
  if (!of_this_life) return;
  if (attempt.action == Action::kCreate) account.exists = true;
  if (is_current) account.sealed_password.reset();  // used; a newer one stays for the next attempt
}

void settle_failed(Account& account, const Attempt& attempt, const AttemptResult& result, Uuid fresh_claim,
                   Random& random) {
  if (attempt.action == Action::kSetPassword && result.condition == kItemNotFound) {
    forget_life(account, fresh_claim);
    return come_to_rest(account);
  }
  if (result.condition == kConflict) {
    account.exists = false;
    return give_up(account, name_of(attempt.action), kConflict,
                   "an account of this name exists that Rostrum did not create");
  }
  ++account.failures;
  if (!may_pass(result.condition) || account.failures >= kMaxFailures) {
    return give_up(account, name_of(attempt.action), result.condition, result.text);
  }
  account.due_in = kAfterFailure.delay(static_cast<unsigned>(account.failures), random);
  come_to_rest(account);
}

/// What is not there or not ours is not there as far as we are concerned.
bool counts_as_done(const Attempt& attempt, const AttemptResult& result) {
  if (result.status == Status::kDone) return true;
  return result.status == Status::kFailed && attempt.action == Action::kRemove &&
         (result.condition == kConflict || result.condition == kItemNotFound);
}

}  // namespace

Account request_account(std::string jid, std::string source, std::string member_id,
                        std::string sealed_password, Uuid claim) {
  Account account;
  account.jid = std::move(jid);
  account.source = std::move(source);
  account.member_id = std::move(member_id);
  account.sealed_password = std::move(sealed_password);
  account.claim = claim;
  account.due_in = Milliseconds(0);
  return account;
}

void request_again(Account& account, std::string source, std::string member_id, std::string sealed_password,
                   Uuid claim) {
  // What the server may still hold under the earlier claim belongs to an earlier life, perhaps another
  // person's: it goes first.
  if (account.attempted) account.former_claim = account.claim;
  forget_life(account, claim);
  account.source = std::move(source);
  account.member_id = std::move(member_id);
  account.goal = Goal::kPresent;
  account.sealed_password = std::move(sealed_password);
  change_goal(account);
}

void want_password(Account& account, std::string sealed_password) {
  ROSTRUM_INVARIANT(account.goal == Goal::kPresent);
  account.sealed_password = std::move(sealed_password);
  change_goal(account);
}

void want_absent(Account& account) {
  account.goal = Goal::kAbsent;
  account.sealed_password.reset();
  change_goal(account);
}

bool note_vanished(Account& account, WallTime at, Uuid fresh_claim) {
  if (account.goal == Goal::kAbsent || !account.exists) return false;
  if (account.exists_since && at < *account.exists_since) return false;
  forget_life(account, fresh_claim);
  change_goal(account);
  return true;
}

Action next_action(const Account& account) {
  if (account.former_claim || account.goal == Goal::kAbsent) return Action::kRemove;
  return account.exists ? Action::kSetPassword : Action::kCreate;
}

Attempt attempt_of(const Account& account) {
  return {next_action(account), account.former_claim.value_or(account.claim), account.generation,
          account.attempt};
}

bool settle(Account& account, const Attempt& attempt, const AttemptResult& result, Uuid fresh_claim,
            Random& random) {
  if (account.state != State::kAttempting || account.attempt != attempt.number) return false;
  if (result.status != Status::kRetry) ++account.attempts;
  const bool is_current = account.generation == attempt.generation;
  if (counts_as_done(attempt, result)) {
    settle_done(account, attempt, is_current);
    come_to_rest(account);
  } else if (result.status == Status::kFailed && is_current) {
    settle_failed(account, attempt, result, fresh_claim, random);
  } else {
    if (result.status == Status::kUnknown)
      account.due_in = kAfterUnknown.delay(static_cast<unsigned>(std::max(account.attempts, 1)), random);
    come_to_rest(account);
  }
  return true;
}

void give_up_waiting(Account& account) {
  const auto action = name_of(next_action(account));
  if (account.attempts == 0) {
    return give_up(account, action, "nobody-there", "no gateway took it for as long as work may wait");
  }
  const auto told = account.failures > 0 ? "it did not succeed for as long as work may wait: attempts "
                                         : "nobody told how it went for as long as work may wait: attempts ";
  give_up(account, action, "unconfirmed", told + std::to_string(account.attempts));
}

void give_up_unstorable(Account& account, const std::string& detail) {
  give_up(account, name_of(next_action(account)), "not-storable", detail);
}

std::string_view name_of(Action action) {
  switch (action) {
    case Action::kCreate:
      return "create_account";
    case Action::kSetPassword:
      return "set_password";
    case Action::kRemove:
      break;
  }
  return "remove_account";
}

}  // namespace rostrum::registration
