// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <vector>

#include "common/bus/command_client.hpp"
#include "common/intake/batch.hpp"
#include "rostrum/v1/command.pb.h"
#include "services/registration/core/parse.hpp"
#include "tests/simulation/database.hpp"
#include "tests/simulation/dispatcher.hpp"
#include "tests/simulation/world.hpp"

namespace rostrum::simulation {

/// Display name of a member whom the database refuses to store.
inline constexpr const char* kCulprit = "culprit";

/// A transaction of registration's intake: DirectoryDomain and its rows.
class RegistrationEvents final : public intake::EventStore {
 public:
  RegistrationEvents(World& world, Database& database) : world_(world), database_(database) {}

  [[nodiscard]] std::optional<intake::Rejection> check(const intake::IntakeEvent& event) const override;
  [[nodiscard]] std::vector<intake::Ledger::Entry> enter(std::span<const intake::Identity> events) override;
  void withdraw(std::span<const intake::Identity> events) override;
  [[nodiscard]] std::vector<std::optional<intake::Rejection>> apply(intake::IntakeEvents events) override;

 private:
  void save(const registration::Directory& directory);
  World& world_;
  Database& database_;
};

/// An account that is being attempted.
struct AccountWork {
  std::string jid;
  registration::Attempt attempt;
  std::string password;
};

/// registration.account as the dispatcher's store: AccountStore's statements.
class AccountWorkStore final : public WorkStore<AccountWork> {
 public:
  explicit AccountWorkStore(World& world) : world_(world) {}
  [[nodiscard]] std::vector<AccountWork> claim(Database& database, std::size_t most,
                                               Milliseconds hold) override;
  void settle(Database& database, const std::vector<Finished<AccountWork>>& finished) override;
  [[nodiscard]] v1::Command command(const AccountWork& work) const override;

 private:
  World& world_;
};

}  // namespace rostrum::simulation
