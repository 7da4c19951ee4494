// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/pg/settings.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

namespace rostrum::pg {
namespace {

std::optional<std::string> conninfo_problem(const std::string& conninfo) {
  if (conninfo.empty()) return std::nullopt;  // told already
  if (conninfo.find("password=") != std::string::npos)
    return "holds a password; put that into database_password_file, or libpq's passfile=";
  try {
    (void)complete_conninfo({conninfo, Secret()}, "check");
    return std::nullopt;
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

}  // namespace

Settings read_settings(config::Section& section, const std::string& role) {
  auto conninfo = section.text("database", std::nullopt,
                               "How to reach PostgreSQL, as role " + role + ": libpq's keywords or URI.");
  // Not by checked(), which quotes the value: it may hold a password.
  if (const auto problem = conninfo_problem(conninfo)) section.mistake("database", *problem);
  return {std::move(conninfo),
          section.secret_file("database_password_file", "",
                              "File with the role's password; empty where the server asks for none.")};
}

}  // namespace rostrum::pg
