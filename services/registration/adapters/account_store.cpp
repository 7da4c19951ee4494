// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/registration/adapters/account_store.hpp"

#include <algorithm>
#include <map>
#include <pqxx/pqxx>
#include <utility>

#include "common/pg/apart.hpp"
#include "services/registration/adapters/account_rows.hpp"
#include "services/registration/adapters/attempt_result.hpp"
#include "services/registration/core/account_life.hpp"

namespace rostrum::registration {
namespace {

void claim_these(pqxx::transaction_base& tx, const std::vector<std::string>& jids, Milliseconds hold,
                 std::vector<AccountWork>& works) {
  for (auto& account : claim_accounts(tx, jids, hold)) {
    auto attempt = attempt_of(account);
    works.push_back({std::move(account.jid), attempt, std::move(account.sealed_password)});
  }
}

}  // namespace

std::vector<AccountWork> AccountStore::claim(pqxx::transaction_base& tx, std::size_t most,
                                             Milliseconds hold) {
  std::vector<AccountWork> works;
  claim_these(tx, lock_due(tx, most), hold, works);
  return works;
}

std::vector<AccountWork> AccountStore::claim_apart(pqxx::transaction_base& tx, std::size_t most,
                                                   Milliseconds hold) {
  std::vector<AccountWork> works;
  std::size_t buried = 0;
  for (const auto& jid : lock_due(tx, most)) {
    const auto refused = pg::apart(tx, [&] { claim_these(tx, {jid}, hold, works); });
    // Where not even that is stored it stays as it is, and the others go on.
    if (refused && !pg::apart(tx, [&] { bury_account(tx, jid, *refused); })) ++buried;
  }
  dead_letters_.made(buried);
  return works;
}

void AccountStore::settle(pqxx::transaction_base& tx,
                          const std::vector<dispatch::Finished<AccountWork>>& finished) {
  std::map<std::string, const dispatch::Finished<AccountWork>*> by_jid;
  std::vector<std::string> jids;
  for (const auto& each : finished) {
    if (by_jid.emplace(each.work.jid, &each).second) jids.push_back(each.work.jid);
  }
  auto accounts = lock_accounts(tx, jids);
  std::vector<const Account*> changed;
  for (auto& account : accounts) {
    const auto& [work, result] = *by_jid.at(account.jid);
    if (registration::settle(account, work.attempt, attempt_result(result), Uuid::make_v4(random_), random_))
      changed.push_back(&account);
  }
  save_accounts(tx, changed);
  dead_letters_.made(
      static_cast<std::size_t>(std::count_if(changed.begin(), changed.end(), [](const auto* each) {
        return each->state == Account::State::kDead;
      })));
}

void AccountStore::bury(pqxx::transaction_base& tx, const dispatch::Finished<AccountWork>& finished,
                        const pg::DbError& why) {
  const auto accounts = lock_accounts(tx, {finished.work.jid});
  const bool held = !accounts.empty() && accounts[0].state == Account::State::kAttempting &&
                    accounts[0].attempt == finished.work.attempt.number;
  if (!held) return;  // another attempt holds it by now
  bury_account(tx, finished.work.jid, why);
  dead_letters_.made(1);
}

std::optional<bus::CommandResult> make_command(const AccountWork& work, const bus::KeyPair& sealing_key,
                                               v1::Command& command) {
  const auto claim = work.attempt.claim.to_string();
  if (work.attempt.action == Action::kRemove) {
    auto& remove = *command.mutable_remove_account();
    remove.set_jid(work.jid);
    remove.set_claim(claim);
    return std::nullopt;
  }
  const auto password =
      work.sealed_password ? bus::open_sealed(*work.sealed_password, sealing_key) : std::nullopt;
  const auto fill = [&](auto& action) {
    action.set_jid(work.jid);
    action.set_claim(claim);
    if (password) action.set_password(std::string(password->reveal()));
  };
  work.attempt.action == Action::kCreate ? fill(*command.mutable_create_account())
                                         : fill(*command.mutable_set_password());
  if (password) return std::nullopt;
  return bus::CommandResult{
      bus::CommandResult::Status::kFailed,
      "unreadable-password",
      "the stored password was sealed to another key; state the member again with its password",
      {}};
}

}  // namespace rostrum::registration
