// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/pg/statement.hpp"

#include <functional>

namespace rostrum::pg {

std::string prepared(pqxx::connection_base& connection, const std::string& sql) {
  auto name = "r" + std::to_string(std::hash<std::string>{}(sql));
  connection.prepare(name, sql);  // nothing is done when it is there
  return name;
}

}  // namespace rostrum::pg
