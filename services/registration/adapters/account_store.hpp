// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/bus/keys.hpp"
#include "common/dispatch/dead_letters.hpp"
#include "common/dispatch/dispatcher.hpp"
#include "services/registration/core/account.hpp"

namespace rostrum::registration {

/// One attempt at one account.
struct AccountWork {
  std::string jid;
  Attempt attempt;
  std::optional<std::string> sealed_password;
};

/// Accounts that are due, and what became of them.
class AccountStore final : public dispatch::WorkStore<AccountWork> {
 public:
  explicit AccountStore(dispatch::DeadLetters& dead_letters) : dead_letters_(dead_letters) {}

  [[nodiscard]] std::vector<AccountWork> claim(pqxx::transaction_base& tx, std::size_t most,
                                               Milliseconds hold) override;
  [[nodiscard]] std::vector<AccountWork> claim_apart(pqxx::transaction_base& tx, std::size_t most,
                                                     Milliseconds hold) override;
  void settle(pqxx::transaction_base& tx,
              const std::vector<dispatch::Finished<AccountWork>>& finished) override;
  void bury(pqxx::transaction_base& tx, const dispatch::Finished<AccountWork>& finished,
            const pg::DbError& why) override;

 private:
  dispatch::DeadLetters& dead_letters_;
  SystemRandom random_;
};

/// Makes the command of an attempt; the password is opened here and nowhere before.
[[nodiscard]] std::optional<bus::CommandResult> make_command(const AccountWork& work,
                                                             const bus::KeyPair& sealing_key,
                                                             v1::Command& command);

}  // namespace rostrum::registration
