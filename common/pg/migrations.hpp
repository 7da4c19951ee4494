// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pqxx {
class connection_base;
}

namespace rostrum::pg {

/// One numbered SQL file of a service, as it was compiled in.
struct Migration {
  std::string_view service;  ///< "registration"
  int number;                ///< 1, 2, … without gaps
  std::string_view title;    ///< "ledger"
  std::string_view sql;
};

/// All of them, services in the order in which they must be applied (roles, registration, notification,
/// presence). Generated from common/pg/schema and services/*/schema.
[[nodiscard]] std::span<const Migration> all_migrations();

/// What migrate() did or would do.
struct MigrationStep {
  const Migration* migration;
  bool applied_now;  ///< with dry_run: would be applied
};

/// Brings the database forward, each file in its own transaction, one migrator at a time (advisory lock). A
/// file that was applied with other content, or that the database knows and we do not, is a
/// std::runtime_error that says so. With dry_run nothing is changed. `owner`: a connection of pg::connect()
/// with the owner's role.
std::vector<MigrationStep> migrate(pqxx::connection_base& owner, std::span<const Migration> migrations,
                                   bool dry_run);

}  // namespace rostrum::pg
