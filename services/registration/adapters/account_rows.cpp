// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/registration/adapters/account_rows.hpp"

#include <pqxx/pqxx>
#include <string_view>

#include "common/base/result.hpp"
#include "common/pg/apart.hpp"
#include "common/pg/array.hpp"
#include "common/pg/statement.hpp"
#include "services/registration/core/account_life.hpp"

namespace rostrum::registration {
namespace {

using State = Account::State;

std::string_view word(State state) {
  switch (state) {
    case State::kRequested:
      return "requested";
    case State::kAttempting:
      return "attempting";
    case State::kActive:
      return "active";
    case State::kRemoved:
      return "removed";
    case State::kDropped:
      return "dropped";
    case State::kDead:
      break;
  }
  return "dead";
}

State state_of(std::string_view text) {
  for (const auto state :
       {State::kRequested, State::kAttempting, State::kActive, State::kRemoved, State::kDropped}) {
    if (text == word(state)) return state;
  }
  return State::kDead;
}

Uuid uuid_of(const pqxx::field& field) {
  const auto uuid = Uuid::parse(field.c_str());
  ROSTRUM_INVARIANT(uuid.has_value());
  return *uuid;
}

// The columns that account_of() takes, of `a`.
#define ROSTRUM_ACCOUNT_COLUMNS                                                                       \
  " a.jid, a.source, a.member_id, a.goal, a.state, a.claim, a.former_claim, a.attempted, "            \
  "(extract(epoch FROM a.exists_since) * 1000)::bigint, a.sealed_password, a.generation, a.attempt, " \
  "a.failures, a.attempts, a.origin_source, a.origin_event "

Account account_of(const pqxx::row& row) {
  Account account;
  account.jid = row[0].as<std::string>();
  account.source = row[1].as<std::string>();
  account.member_id = row[2].as<std::string>();
  account.goal =
      std::string_view(row[3].c_str()) == "present" ? Account::Goal::kPresent : Account::Goal::kAbsent;
  account.state = state_of(row[4].c_str());
  account.claim = uuid_of(row[5]);
  if (!row[6].is_null()) account.former_claim = uuid_of(row[6]);
  account.attempted = row[7].as<bool>();
  account.exists = !row[8].is_null();
  if (account.exists) account.exists_since = WallTime(Milliseconds(row[8].as<std::int64_t>()));
  if (!row[9].is_null()) account.sealed_password = pg::bytes_of_bytea(row[9].c_str());
  account.generation = row[10].as<std::int64_t>();
  account.attempt = row[11].as<std::int64_t>();
  account.failures = row[12].as<int>();
  account.attempts = row[13].as<int>();
  if (!row[14].is_null() && !row[15].is_null())
    account.origin = Origin{row[14].as<std::string>(), uuid_of(row[15])};
  return account;
}

std::vector<Account> accounts_of(const pqxx::result& rows) {
  std::vector<Account> accounts;
  for (const auto& row : rows) accounts.push_back(account_of(row));
  return accounts;
}

constexpr const char* kLock =
    "SELECT" ROSTRUM_ACCOUNT_COLUMNS
    "FROM registration.account a WHERE a.jid = ANY ($1::text[]) ORDER BY a.jid FOR UPDATE";

constexpr const char* kLockDue =
    "SELECT jid FROM registration.account WHERE state IN ('requested', 'attempting') AND due <= now() "
    "ORDER BY due LIMIT $1 FOR UPDATE SKIP LOCKED";

// What nobody holds and has waited for too long. Without an index of its own: what is open is little, or the
// wait is long.
constexpr const char* kLockWaiting = "SELECT" ROSTRUM_ACCOUNT_COLUMNS
                                     "FROM registration.account a WHERE (a.state = 'requested' OR (a.state = "
                                     "'attempting' AND a.due <= now())) "
                                     "AND a.wanted_since < now() - $1 * interval '1 millisecond' ORDER BY "
                                     "a.jid LIMIT $2 FOR UPDATE SKIP LOCKED";

// The server may know the claim once its creation has been attempted; from here on, whatever becomes of this
// process. Whoever held it before has died, and may have begun the work: an attempt.
constexpr const char* kClaim =
    "UPDATE registration.account a "
    "   SET state = 'attempting', attempt = a.attempt + 1, due = now() + $2 * interval '1 millisecond',"
    "       attempted = a.attempted OR (a.goal = 'present' AND a.former_claim IS NULL),"
    "       attempts = a.attempts + CASE WHEN a.state = 'attempting' THEN 1 ELSE 0 END "
    " WHERE a.jid = ANY ($1::text[]) RETURNING" ROSTRUM_ACCOUNT_COLUMNS;

#undef ROSTRUM_ACCOUNT_COLUMNS

// due_in NULL leaves `due` as it is; infinity stands for it where a new row would be refused a NULL.
constexpr const char* kSave = R"(
  INSERT INTO registration.account AS a
         (jid, source, member_id, goal, state, claim, former_claim, attempted, exists_since, sealed_password, generation, attempt, failures, due,
          attempts, origin_source, origin_event)
  SELECT n.jid, n.source, n.member_id, n.goal, n.state, n.claim, n.former_claim, n.attempted, CASE WHEN n.account_exists THEN now() END,
         n.sealed_password, n.generation, n.attempt, n.failures, coalesce(now() + n.due_in_ms * interval '1 millisecond', 'infinity'),
         n.attempts, n.origin_source, n.origin_event
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::uuid[], $8::boolean[], $9::boolean[], $10::bytea[],
                $11::bigint[], $12::bigint[], $13::integer[], $14::bigint[], $15::integer[], $16::text[], $17::uuid[])
         AS n (jid, source, member_id, goal, state, claim, former_claim, attempted, account_exists, sealed_password, generation, attempt, failures, due_in_ms,
               attempts, origin_source, origin_event)
  ON CONFLICT (jid) DO UPDATE
     SET source = excluded.source, member_id = excluded.member_id, goal = excluded.goal, state = excluded.state, claim = excluded.claim,
         former_claim = excluded.former_claim, attempted = excluded.attempted,
         exists_since = CASE WHEN excluded.exists_since IS NOT NULL THEN coalesce(a.exists_since, excluded.exists_since) END,
         sealed_password = excluded.sealed_password, generation = excluded.generation, attempt = excluded.attempt, failures = excluded.failures,
         attempts = excluded.attempts, origin_source = excluded.origin_source, origin_event = excluded.origin_event,
         wanted_since = CASE WHEN excluded.generation = a.generation THEN a.wanted_since ELSE now() END,
         due = CASE WHEN excluded.due = 'infinity' THEN a.due ELSE excluded.due END,
         changed_at = CASE WHEN excluded.state = a.state THEN a.changed_at ELSE now() END)";

constexpr const char* kBury = R"(
  INSERT INTO registration.dead_letter (jid, action, reason, detail, reachable)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[])
  ON CONFLICT (jid) DO UPDATE SET action = excluded.action, reason = excluded.reason, detail = excluded.detail, reachable = excluded.reachable,
                                  since = now(), dropped_at = NULL, dropped_by = NULL)";

// Not through kSave: one of the values that it writes is what the database refuses.
constexpr const char* kBuryAsItIs =
    "UPDATE registration.account SET state = 'dead', changed_at = now() WHERE jid = $1";

constexpr const char* kRevive = "DELETE FROM registration.dead_letter WHERE jid = ANY ($1::text[])";

std::optional<std::string> text_of(const std::optional<Uuid>& uuid) {
  return uuid ? std::optional(uuid->to_string()) : std::nullopt;
}

void save_dead_letters(pqxx::transaction_base& tx, const std::vector<const Account*>& accounts) {
  pg::Array alive, jids, actions, reasons, details, reachable;
  bool has_dead = false;
  for (const auto* account : accounts) {
    if (account->state != State::kDead && account->state != State::kDropped) {
      alive.add(account->jid);
    } else if (account->dead_letter) {
      has_dead = true;
      jids.add(account->jid);
      actions.add(account->dead_letter->action);
      reasons.add(account->dead_letter->reason);
      details.add(account->dead_letter->detail);
      reachable.add(account->exists && !account->former_claim);
    }
  }
  pg::execute(tx, kRevive, alive.text());
  if (has_dead)
    pg::execute(tx, kBury, jids.text(), actions.text(), reasons.text(), details.text(), reachable.text());
}

}  // namespace

std::vector<Account> lock_accounts(pqxx::transaction_base& tx, const std::vector<std::string>& jids) {
  if (jids.empty()) return {};
  pg::Array wanted;
  for (const auto& jid : jids) wanted.add(jid);
  return accounts_of(pg::execute(tx, kLock, wanted.text()));
}

std::vector<std::string> lock_due(pqxx::transaction_base& tx, std::size_t most) {
  std::vector<std::string> jids;
  for (const auto& row : pg::execute(tx, kLockDue, most)) jids.push_back(row[0].as<std::string>());
  return jids;
}

std::vector<Account> lock_waiting(pqxx::transaction_base& tx, Milliseconds longer_than, std::size_t most) {
  return accounts_of(pg::execute(tx, kLockWaiting, longer_than.count(), most));
}

std::vector<Account> claim_accounts(pqxx::transaction_base& tx, const std::vector<std::string>& jids,
                                    Milliseconds hold) {
  if (jids.empty()) return {};
  pg::Array wanted;
  for (const auto& jid : jids) wanted.add(jid);
  return accounts_of(pg::execute(tx, kClaim, wanted.text(), hold.count()));
}

void save_accounts(pqxx::transaction_base& tx, const std::vector<const Account*>& accounts) {
  if (accounts.empty()) return;
  pg::Array jids, sources, member_ids, goals, states, claims, former_claims, attempted, exists, sealed,
      generations, attempt_numbers, failures, due_in, attempts, origin_sources, origin_events;
  for (const auto* account : accounts) {
    jids.add(account->jid);
    sources.add(account->source);
    member_ids.add(account->member_id);
    goals.add(account->goal == Account::Goal::kPresent ? "present" : "absent");
    states.add(word(account->state));
    claims.add(account->claim.to_string());
    former_claims.add(text_of(account->former_claim));
    attempted.add(account->attempted);
    exists.add(account->exists);
    sealed.add_bytes(account->sealed_password);
    generations.add(account->generation);
    attempt_numbers.add(account->attempt);
    failures.add(std::int64_t{account->failures});
    account->due_in ? due_in.add(std::int64_t{account->due_in->count()}) : due_in.add_null();
    attempts.add(std::int64_t{account->attempts});
    origin_sources.add(account->origin ? std::optional(account->origin->source) : std::nullopt);
    origin_events.add(account->origin ? std::optional(account->origin->event.to_string()) : std::nullopt);
  }
  pg::execute(tx, kSave, jids.text(), sources.text(), member_ids.text(), goals.text(), states.text(),
              claims.text(), former_claims.text(), attempted.text(), exists.text(), sealed.text(),
              generations.text(), attempt_numbers.text(), failures.text(), due_in.text(), attempts.text(),
              origin_sources.text(), origin_events.text());
  save_dead_letters(tx, accounts);
}

void bury_account(pqxx::transaction_base& tx, const std::string& jid, const pg::DbError& why) {
  for (auto& account : lock_accounts(tx, {jid})) {
    give_up_unstorable(account, "the database refuses it: " + pg::name_of(why));
    tx.exec_params0(kBuryAsItIs, jid);
    save_dead_letters(tx, {&account});
  }
}

}  // namespace rostrum::registration
