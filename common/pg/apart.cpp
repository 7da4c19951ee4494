// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/pg/apart.hpp"

#include <pqxx/pqxx>

#include "common/pg/failure.hpp"

namespace rostrum::pg {
namespace {

template <class Bearable>
std::optional<DbError> apart_where(pqxx::transaction_base& tx, const std::function<void()>& part,
                                   const Bearable& is_bearable) {
  tx.exec0("SAVEPOINT apart");
  try {
    part();
  } catch (const pqxx::sql_error&) {
    const auto failure = read_failure(std::current_exception());
    const bool is_of_this = failure.remedy == Remedy::kGiveUp || failure.remedy == Remedy::kAFewTimes;
    if (!is_of_this || !is_bearable(fault_of(failure.sqlstate))) throw;
    tx.exec0("ROLLBACK TO SAVEPOINT apart; RELEASE SAVEPOINT apart");  // one of a part around this is next
    return error_of(failure);
  }
  tx.exec0("RELEASE SAVEPOINT apart");
  return std::nullopt;
}

}  // namespace

std::optional<DbError> apart(pqxx::transaction_base& tx, const std::function<void()>& part) {
  return apart_where(tx, part, [](Fault fault) { return fault != Fault::kLoad; });
}

std::optional<DbError> apart_if_at_all(pqxx::transaction_base& tx, const std::function<void()>& part) {
  return apart_where(tx, part, [](Fault) { return true; });
}

void rehearse(pqxx::transaction_base& tx, const std::function<void()>& part) {
  tx.exec0("SAVEPOINT rehearsal");
  part();
  tx.exec0("ROLLBACK TO SAVEPOINT rehearsal; RELEASE SAVEPOINT rehearsal");
}

std::string name_of(const DbError& error) {
  return error.constraint.empty() ? error.sqlstate : error.sqlstate + " (" + error.constraint + ")";
}

}  // namespace rostrum::pg
