// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/views.hpp"

#include <pqxx/pqxx>
#include <set>

#include <nlohmann/json.hpp>

#include "common/base/text.hpp"
#include "common/pg/connect.hpp"

namespace rostrum::cli {

namespace {

constexpr std::size_t kLongestReasonBytes = 512;

// No such schema, table, column, function.
const std::set<std::string, std::less<>> kMissing{"3F000", "42P01", "42703", "42883"};

std::string reason(const std::exception& exception) {
  return printable(exception.what(), kLongestReasonBytes);
}

}  // namespace

std::shared_ptr<pqxx::connection_base> open_database(const std::string& conninfo, const char* key) {
  try {
    return pg::connect(
        pg::complete_conninfo({.conninfo = required(conninfo, key), .password = Secret()}, "rostrum"));
  } catch (const pqxx::broken_connection& broken) {
    throw Failure{ExitCode::kUnreachable,
                  std::string("[cli] ") + key + ": cannot reach the database: " + reason(broken)};
  } catch (const std::runtime_error& error) {
    throw Failure{ExitCode::kUsage, std::string("[cli] ") + key + ": " + reason(error)};
  }
}

Views::Views(const Settings& settings) : connection_(open_database(settings.database, "database")) {}

Json Views::select(const char* query, const std::vector<std::string>& parameters) const {
  try {
    pqxx::read_transaction tx(*connection_);
    const auto result = tx.exec_params(query, pqxx::prepare::make_dynamic_params(parameters));
    Json rows = Json::array();
    for (const auto& row : result) rows.push_back(Json::parse(row[0].c_str()));
    return rows;
  } catch (const pqxx::broken_connection& broken) {
    throw Failure{ExitCode::kUnreachable, "the connection to the database was lost: " + reason(broken)};
  } catch (const pqxx::sql_error& error) {
    const auto& state = error.sqlstate();
    if (state.starts_with("57P"))  // it is going or coming
      throw Failure{ExitCode::kUnreachable, "the database is away: " + reason(error)};
    if (kMissing.contains(state))
      throw Failure{ExitCode::kFailed, "the database lacks a view; run `rostrum migrate`: " + reason(error)};
    throw Failure{ExitCode::kFailed, "the database refused to read: " + reason(error)};
  } catch (const pqxx::failure& error) {  // libpqxx itself cannot go on with this connection
    throw Failure{ExitCode::kUnreachable, "the connection to the database was lost: " + reason(error)};
  }
}

Json Views::select_one(const char* query, const std::vector<std::string>& parameters,
                       const std::string& not_found) const {
  Json rows = select(query, parameters);
  if (rows.empty()) throw Failure{ExitCode::kFailed, not_found};
  return std::move(rows.front());
}

}  // namespace rostrum::cli
