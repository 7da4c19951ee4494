// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/presence/core/transactions.hpp"
#include "tests/support/database/database.hpp"
#include "tests/support/presence/told.hpp"

namespace rostrum::presence {

/// A migrated database with members in it, and a gateway that tells of them; by the database's own clock.
/// Time passes by moving all that is stored into the past.
class World : public testing::Test {
 protected:
  using Told = std::vector<std::optional<Observation>>;
  using Rows = std::vector<std::vector<std::string>>;
  static constexpr auto kLength = Milliseconds(3'600'000);

  void SetUp() override;

  // The directory, as registration would leave it.
  void member(const std::string& id, const std::vector<std::string>& groups = {});
  /// Who gets the JID of a member that was removed.
  void heir(const std::string& id, const std::string& of);
  void remove_member(const std::string& id);
  /// The member's account exists from now on; or, whoever had its JID, not yet.
  void account(const std::string& id, const std::string& jid_of, bool exists = true);
  void group(const std::string& id);

  // The gateway.
  Decision claim(char token);
  /// What follows, by the owner.
  void tell(const Told& told);
  /// A first gateway sees the domain, and these there.
  void is_whole(const std::vector<std::string>& names);
  /// The owner says nothing any more, and its lease ends.
  void gateway_is_lost();
  std::size_t sweep();
  void pass(const std::string& interval);

  /// As rostrum_reader; NULL as "NULL".
  [[nodiscard]] Rows read(const std::string& sql) const;
  [[nodiscard]] std::string value(const std::string& sql) const;
  /// A moment as "how long ago", to the nearest ten seconds: for columns of views.
  [[nodiscard]] static std::string ago(const std::string& column);

  SystemClock clock;
  std::unique_ptr<rostrum::test::Database> database;
  std::shared_ptr<pqxx::connection_base> connection;

 private:
  std::shared_ptr<pqxx::connection_base> reader_;
};

}  // namespace rostrum::presence
