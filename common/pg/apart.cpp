// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/pg/apart.hpp"

#include <pqxx/pqxx>

#include "common/pg/failure.hpp"

namespace rostrum::pg {

std::optional<DbError> apart(pqxx::transaction_base& tx, const std::function<void()>& part) {
  tx.exec0("SAVEPOINT apart");
  try {
    part();
  } catch (const pqxx::sql_error&) {
    auto failure = read_failure(std::current_exception());
    if (failure.remedy != Remedy::kGiveUp) throw;
    tx.exec0("ROLLBACK TO SAVEPOINT apart");
    return DbError{std::move(failure.sqlstate), std::move(failure.constraint), std::move(failure.text)};
  }
  tx.exec0("RELEASE SAVEPOINT apart");
  return std::nullopt;
}

std::string name_of(const DbError& error) {
  return error.constraint.empty() ? error.sqlstate : error.sqlstate + " (" + error.constraint + ")";
}

}  // namespace rostrum::pg
