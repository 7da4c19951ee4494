// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pqxx {
class connection_base;
}

namespace rostrum::test {

/// Whether the test runs under deploy/lab/with_lab.py --postgres; otherwise it should be skipped.
[[nodiscard]] bool has_database();

/// A fresh database with all migrations applied by rostrum_owner (who is no superuser), dropped at the end.
class Database {
 public:
  /// migrated = false: as the operator hands it over, empty. `options`: of CREATE DATABASE.
  explicit Database(bool migrated = true, const std::string& options = "");
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  [[nodiscard]] std::string conninfo(std::string_view role) const;
  [[nodiscard]] std::shared_ptr<pqxx::connection_base> connect(std::string_view role) const;

  /// Statements as superuser, each on a connection of its own.
  void run(const std::string& sql) const;
  [[nodiscard]] std::vector<std::vector<std::string>> rows(const std::string& sql) const;  // NULL as "NULL"
  [[nodiscard]] std::string value(const std::string& sql) const;

 private:
  std::string name_;
};

/// Has the lab do something: "postgres restart", "postgres kill9", "postgres start".
void lab(std::string_view command);

}  // namespace rostrum::test
