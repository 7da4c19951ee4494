// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include <libpq-fe.h>

namespace rostrum::bench {

/// What a baseline writes with: plain libpq, one connection, no more than that.
class Database {
 public:
  explicit Database(const char* conninfo) : connection_(PQconnectdb(conninfo)) {
    if (PQstatus(connection_) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection_));
  }
  ~Database() { PQfinish(connection_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// One statement without rows as its answer; throws with the server's words when it fails.
  void run(const char* statement, const std::vector<std::string>& parameters = {}) {
    std::vector<const char*> values;
    values.reserve(parameters.size());
    for (const auto& parameter : parameters) values.push_back(parameter.c_str());
    auto* result = PQexecParams(connection_, statement, static_cast<int>(values.size()), nullptr,
                                values.data(), nullptr, nullptr, 0);
    const bool good = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    if (!good) throw std::runtime_error(PQerrorMessage(connection_));
  }

 private:
  PGconn* connection_;
};

}  // namespace rostrum::bench
