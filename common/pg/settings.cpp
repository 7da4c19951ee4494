// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/pg/settings.hpp"

#include <optional>
#include <stdexcept>

namespace rostrum::pg {
namespace {

std::optional<std::string> conninfo_problem(const std::string& conninfo) {
  try {
    (void)complete_conninfo({conninfo, Secret()}, "check");
    return std::nullopt;
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

}  // namespace

Settings read_settings(config::Section& section, const std::string& role) {
  return {section.checked("database", std::nullopt, "libpq connection string",
                          "How to reach PostgreSQL, as role " + role + ".", conninfo_problem),
          section.secret_file("database_password_file", "",
                              "File with the role's password; empty where the server asks for none.")};
}

}  // namespace rostrum::pg
