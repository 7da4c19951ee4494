// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/registration/adapters/account_sweeper.hpp"

#include <pqxx/pqxx>

#include "common/pg/apart.hpp"
#include "services/registration/adapters/account_rows.hpp"
#include "services/registration/core/account_life.hpp"

namespace rostrum::registration {
namespace {

constexpr Milliseconds kSweepEvery{10'000};
constexpr std::size_t kMostPerSweep = 1'000;

}  // namespace

std::size_t give_up_overdue(pqxx::transaction_base& tx, Milliseconds patience, std::size_t most,
                            dispatch::DeadLetters& dead_letters) {
  auto accounts = lock_waiting(tx, patience, most);
  std::vector<const Account*> changed;
  for (auto& account : accounts) {
    give_up_waiting(account);
    changed.push_back(&account);
  }
  std::size_t given_up = changed.size();
  if (pg::apart(tx, [&] { save_accounts(tx, changed); })) {
    // One of them is refused: each for itself, and that one as it is. What cannot be written at all stays.
    for (const auto* account : changed) {
      const auto refused = pg::apart(tx, [&] { save_accounts(tx, {account}); });
      if (refused && pg::apart(tx, [&] { bury_account(tx, account->jid, *refused); })) --given_up;
    }
  }
  dead_letters.made(given_up);
  return given_up;
}

AccountSweeper::AccountSweeper(bus::Reactor& reactor, pg::Worker& worker, Milliseconds patience,
                               dispatch::DeadLetters& dead_letters, log::Log& log)
    : worker_(worker), patience_(patience), dead_letters_(dead_letters), log_(log), timer_(reactor) {
  sweep();
}

void AccountSweeper::sweep() {
  worker_.submit<std::size_t>(
      [patience = patience_, &dead_letters = dead_letters_](pqxx::transaction_base& tx) {
        return give_up_overdue(tx, patience, kMostPerSweep, dead_letters);
      },
      [this](const Result<std::size_t, pg::DbError>& given_up) {
        if (!given_up)
          log_.error("sweep_refused",
                     {{"sqlstate", given_up.error().sqlstate}, {"text", given_up.error().text}});
        if (given_up && given_up.value() > 0)
          log_.warning("accounts_given_up", {{"accounts", std::to_string(given_up.value())}});
        const bool more = given_up && given_up.value() == kMostPerSweep;
        timer_.start(more ? Milliseconds(0) : kSweepEvery, [this] { sweep(); });
      });
}

}  // namespace rostrum::registration
