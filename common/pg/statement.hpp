// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <pqxx/pqxx>
#include <string>
#include <utility>

namespace rostrum::pg {

/// The name under which this connection has the statement prepared; prepares it when it has not.
[[nodiscard]] std::string prepared(pqxx::connection_base& connection, const std::string& sql);

/// As `exec_params()`, but parsed and planned once on each connection instead of each time, which is half of
/// what a small transaction costs. For what is asked very often, on a connection that `keeps_plans`.
template <class... Arguments>
pqxx::result execute(pqxx::transaction_base& tx, const std::string& sql, Arguments&&... arguments) {
  return tx.exec_prepared(prepared(tx.conn(), sql), std::forward<Arguments>(arguments)...);
}

}  // namespace rostrum::pg
