// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/database/database.hpp"

#include <cstdlib>
#include <cstring>
#include <pqxx/pqxx>
#include <stdexcept>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/pg/connect.hpp"
#include "common/pg/migrations.hpp"

namespace rostrum::test {
namespace {

std::string required(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr)
    throw std::runtime_error(std::string(variable) + " is not set: run by deploy/lab/with_lab.py --postgres");
  return value;
}

/// libpq takes the last of a keyword that is named twice.
std::string conninfo_of(std::string_view database, std::string_view role) {
  return required("ROSTRUM_TEST_DATABASE") + " dbname=" + std::string(database) +
         " user=" + std::string(role);
}

std::shared_ptr<pqxx::connection_base> open(std::string_view database, std::string_view role) {
  return pg::connect(pg::complete_conninfo({conninfo_of(database, role), Secret()}, "rostrum test"));
}

void administer(const std::string& sql) {
  pqxx::nontransaction(*open("postgres", "postgres")).exec(sql);
}

/// Migrated once per process; the others are copies of it.
const std::string& migrated_template() {
  static const std::string name = [] {
    std::string made = "migrated_" + std::to_string(::getpid());
    administer("CREATE DATABASE " + made + " OWNER rostrum_owner");
    pg::migrate(*open(made, "rostrum_owner"), pg::all_migrations(), false);
    return made;
  }();
  return name;
}

}  // namespace

bool has_database() {
  return std::getenv("ROSTRUM_TEST_DATABASE") != nullptr;
}

Database::Database(bool migrated, const std::string& options) {
  static int count = 0;
  const std::string source = migrated ? migrated_template() : "template0";
  name_ = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
  administer("CREATE DATABASE " + name_ + " OWNER rostrum_owner TEMPLATE " + source + " " + options);
}

Database::~Database() {
  try {
    administer("DROP DATABASE " + name_ + " WITH (FORCE)");
  } catch (const std::exception&) {  // the whole cluster goes with the lab
  }
}

std::string Database::conninfo(std::string_view role) const {
  return conninfo_of(name_, role);
}

std::shared_ptr<pqxx::connection_base> Database::connect(std::string_view role) const {
  return open(name_, role);
}

void Database::run(const std::string& sql) const {
  const auto connection = connect("postgres");
  pqxx::work tx(*connection);
  tx.exec(sql);
  tx.commit();
}

std::vector<std::vector<std::string>> Database::rows(const std::string& sql) const {
  const auto connection = connect("postgres");
  pqxx::work tx(*connection);
  std::vector<std::vector<std::string>> table;
  for (const auto& row : tx.exec(sql)) {
    auto& fields = table.emplace_back();
    for (const auto& field : row) fields.emplace_back(field.is_null() ? "NULL" : field.c_str());
  }
  return table;
}

std::string Database::value(const std::string& sql) const {
  const auto table = rows(sql);
  return table.empty() ? "no row" : table.front().front();
}

void lab(std::string_view command) {
  const std::string path = required("ROSTRUM_LAB_CONTROL");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::string answer;
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    const std::string line = std::string(command) + "\n";
    if (::send(descriptor, line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size())) {
      for (char c = 0; ::recv(descriptor, &c, 1, 0) == 1 && c != '\n';) answer += c;
    }
  }
  ::close(descriptor);
  if (answer != "ok")
    throw std::runtime_error("the lab could not do \"" + std::string(command) + "\": " + answer);
}

}  // namespace rostrum::test
