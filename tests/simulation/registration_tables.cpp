// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/registration_tables.hpp"

#include <algorithm>

#include "services/registration/adapters/attempt_result.hpp"
#include "services/registration/core/account_life.hpp"
#include "tests/simulation/ledger_twin.hpp"

namespace rostrum::simulation {

namespace {

using registration::Account;
using registration::Action;

const registration::JidRules& jid_rules() {
  static const registration::JidRules kRules{{"site.test"}, {}};
  return kRules;
}

/// The upsert of account_rows.cpp: `due` stays where nothing was said of it, `exists_since` where it exists
/// already.
void save(Database& database, Account account, WallTime now) {
  auto& row = database.accounts[account.jid];
  if (account.due_in) row.due = now + *account.due_in;
  account.due_in.reset();
  if (!account.exists) {
    account.exists_since.reset();
  } else if (!account.exists_since) {
    account.exists_since = now;
  }
  if (account.state != Account::State::kDead) account.dead_letter.reset();
  row.account = std::move(account);
}

}  // namespace

std::optional<intake::Rejection> RegistrationEvents::check(const intake::IntakeEvent& event) const {
  auto read = registration::parse(event, jid_rules());
  return read ? std::nullopt : std::optional(read.error());
}

std::vector<intake::Ledger::Entry> RegistrationEvents::enter(std::span<const intake::Identity> events) {
  return simulation::enter(database_.registration_ledger, events);
}

void RegistrationEvents::withdraw(std::span<const intake::Identity> events) {
  simulation::withdraw(database_.registration_ledger, events);
}

std::vector<std::optional<intake::Rejection>> RegistrationEvents::apply(intake::IntakeEvents events) {
  registration::Directory directory(world_.random());
  for (const auto& [key, member] : database_.members) directory.load(key, member);
  for (const auto& [jid, row] : database_.accounts) directory.load(row.account);
  std::vector<std::optional<intake::Rejection>> rejections;
  for (const auto* event : events) {
    if (event->event.member_upserted().display_name() == kCulprit) {
      // The transaction leaves nothing behind; until here that is the ledger's new rows.
      for (const auto* one : events) database_.registration_ledger.erase({one->source, one->id});
      throw RefusedForGood();
    }
    rejections.push_back(
        directory.apply(event->source, registration::parse(*event, jid_rules()).value(), event->id.uuid()));
  }
  save(directory);
  return rejections;
}

void RegistrationEvents::save(const registration::Directory& directory) {
  for (const auto& [key, member] : directory.changed_members()) {
    auto& row = database_.members[key];
    promise(member.revision > row.revision, "revisions never go back: member ", key.second, " went from ",
            row.revision, " to ", member.revision);
    row = member;
    row.groups.reset();
  }
  for (const auto* account : directory.changed_accounts())
    simulation::save(database_, *account, world_.wall());
}

// --- the accounts' work

std::vector<AccountWork> AccountWorkStore::claim(Database& database, std::size_t most, Milliseconds hold) {
  std::vector<AccountRow*> due;
  for (auto& [jid, row] : database.accounts) {
    using State = Account::State;
    const bool open = row.account.state == State::kRequested || row.account.state == State::kAttempting;
    if (open && row.due <= world_.wall()) due.push_back(&row);
  }
  std::stable_sort(due.begin(), due.end(), [](const auto* a, const auto* b) { return a->due < b->due; });
  if (due.size() > most) due.resize(most);
  std::vector<AccountWork> works;
  for (auto* row : due) {
    auto& account = row->account;
    if (account.state == Account::State::kAttempting) world_.count("attempts taken over after their hold");
    account.state = Account::State::kAttempting;
    ++account.attempt;
    row->due = world_.wall() + hold;
    // The server may know the claim from here on, whatever becomes of this process.
    account.attempted |= account.goal == Account::Goal::kPresent && !account.former_claim;
    works.push_back({account.jid, registration::attempt_of(account), account.sealed_password.value_or("")});
  }
  return works;
}

void AccountWorkStore::settle(Database& database, const std::vector<Finished<AccountWork>>& finished) {
  for (const auto& [work, result] : finished) {
    const auto row = database.accounts.find(work.jid);
    if (row == database.accounts.end()) continue;
    auto account = row->second.account;
    if (registration::settle(account, work.attempt, registration::attempt_result(result),
                             Uuid::make_v4(world_.random()), world_.random())) {
      promise(work.attempt.number == account.attempt,
              "the result of an old attempt changes nothing: ", work.jid);
      save(database, std::move(account), world_.wall());
    } else {
      world_.count("results of old attempts");
    }
  }
}

v1::Command AccountWorkStore::command(const AccountWork& work) const {
  v1::Command command;
  const auto fill = [&](auto& action) {
    action.set_jid(work.jid);
    action.set_claim(work.attempt.claim.to_string());
  };
  switch (work.attempt.action) {
    case Action::kCreate:
      fill(*command.mutable_create_account());
      command.mutable_create_account()->set_password(work.password);
      break;
    case Action::kSetPassword:
      fill(*command.mutable_set_password());
      command.mutable_set_password()->set_password(work.password);
      break;
    case Action::kRemove:
      fill(*command.mutable_remove_account());
      break;
  }
  return command;
}

}  // namespace rostrum::simulation
