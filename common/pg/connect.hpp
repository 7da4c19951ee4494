// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/base/secret.hpp"

namespace pqxx {
class connection_base;
}

namespace rostrum::pg {

/// How to reach a database.
struct Settings {
  std::string conninfo;  ///< libpq keywords or URI, without password; the options that end a hang are added
  Secret password;       ///< may be empty
  /// The connection is used for statements that are planned once (statement.hpp).
  bool keeps_plans = false;
};

/// What libpq is given: the options that end a hang (unless the text names them itself), the application's
/// name and the password added. Throws std::runtime_error with libpq's words when the text cannot be read.
[[nodiscard]] Secret complete_conninfo(const Settings& settings, std::string_view application_name);

/// An open connection with the session set as all of Rostrum wants it: durable commits, time limits, UTC, an
/// empty search path, terse errors without row values; it never reconnects behind our back. Throws what
/// libpqxx throws.
[[nodiscard]] std::shared_ptr<pqxx::connection_base> connect(const Secret& complete_conninfo,
                                                             bool keeps_plans = false);

}  // namespace rostrum::pg
