// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/pg/settings.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <libpq-fe.h>

#include "common/base/text.hpp"

namespace rostrum::pg {
namespace {

constexpr std::size_t kMaxProblemBytes = 256;

std::optional<std::string> conninfo_problem(const std::string& conninfo) {
  if (conninfo.empty()) return std::nullopt;  // told already
  if (holds_password(conninfo))
    return "holds a password; put that into database_password_file, or libpq's passfile=";
  try {
    (void)complete_conninfo({conninfo, Secret()}, "check");
    return std::nullopt;
  } catch (const std::runtime_error& error) {
    std::string_view words = error.what();  // libpq's, which end their line
    while (words.ends_with('\n')) words.remove_suffix(1);
    return printable(words, kMaxProblemBytes);
  }
}

}  // namespace

bool holds_password(const std::string& conninfo) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(conninfo.c_str(), nullptr), &PQconninfoFree);
  for (const auto* option = options.get(); option != nullptr && option->keyword != nullptr; ++option) {
    const std::string keyword = option->keyword;
    if ((keyword == "password" || keyword == "sslpassword") && option->val != nullptr) return true;
  }
  return false;
}

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
