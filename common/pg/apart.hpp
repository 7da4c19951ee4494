// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "common/pg/worker.hpp"

namespace rostrum::pg {

/// Does a part of a job's transaction so that it can fail alone: under a savepoint. What the database refuses
/// for good, or cannot do because it is damaged there, is undone and comes back as the error, and the
/// transaction goes on; everything else is thrown as always. Nothing: it is done. A part may have parts. Its
/// statements are those with parameters (exec_params(), execute()): libpqxx ends the whole transaction when a
/// plain exec() fails.
[[nodiscard]] std::optional<DbError> apart(pqxx::transaction_base& tx, const std::function<void()>& part);
/// The same also for what got no time, lock or memory (Fault::kLoad).
[[nodiscard]] std::optional<DbError> apart_if_at_all(pqxx::transaction_base& tx,
                                                     const std::function<void()>& part);

/// Does a part and undoes it: whether it can be done is all that is asked. What the database refuses is
/// thrown.
void rehearse(pqxx::transaction_base& tx, const std::function<void()>& part);

/// For the dead letter of what is refused: "23514 (delivery_has_reason)", the SQLSTATE and the rule, if it
/// has a name.
[[nodiscard]] std::string name_of(const DbError& error);

}  // namespace rostrum::pg
