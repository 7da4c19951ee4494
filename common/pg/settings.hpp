// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "common/config/config.hpp"
#include "common/pg/connect.hpp"

namespace rostrum::pg {

/// Whether libpq's keywords or URI name a password.
[[nodiscard]] bool holds_password(const std::string& conninfo);

/// The keys `database` and `database_password_file` of a service's section. `role`: as whom it is meant to
/// connect.
[[nodiscard]] Settings read_settings(config::Section& section, const std::string& role);

}  // namespace rostrum::pg
