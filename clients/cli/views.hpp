// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "clients/cli/output.hpp"

namespace pqxx {
class connection_base;
}

namespace rostrum::cli {

/// The documented views, read as rostrum_reader (`[cli] database`). Throws Failure(kUnreachable) when the
/// database cannot be reached, Failure(kFailed) when it refuses.
class Views {
 public:
  explicit Views(const Settings& settings);
  explicit Views(Session& session) : Views(session.settings()) {}

  /// The rows of a query as an array of objects. The query is a literal of ours with $1, $2, … as text
  /// parameters; it selects one JSON value a row.
  [[nodiscard]] Json select(const char* query, const std::vector<std::string>& parameters) const;
  /// The only row; Failure(kFailed, not_found) when there is none.
  [[nodiscard]] Json select_one(const char* query, const std::vector<std::string>& parameters,
                                const std::string& not_found) const;

 private:
  std::shared_ptr<pqxx::connection_base> connection_;
};

/// Opens a connection for a command, with a Failure that says which setting named it.
[[nodiscard]] std::shared_ptr<pqxx::connection_base> open_database(const std::string& conninfo,
                                                                   const char* key);

}  // namespace rostrum::cli
