// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/pg/failure.hpp"

#include <algorithm>
#include <array>
#include <pqxx/pqxx>

namespace rostrum::pg {
namespace {

// SQLSTATEs and how they begin.
constexpr std::array<std::string_view, 2> kOfDamage{"XX", "58"};
/// The statement's time is over, or an operator ended it; a lock, memory.
constexpr std::array<std::string_view, 3> kOfLoad{"57014", "55P03", "53200"};

template <std::size_t kCount>
bool begins_with_any(std::string_view sqlstate, const std::array<std::string_view, kCount>& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](auto beginning) { return sqlstate.starts_with(beginning); });
}

/// The name after `constraint "`, as all of PostgreSQL's messages of class 23 write it; empty where the
/// server speaks another language.
std::string constraint_in(std::string_view message) {
  constexpr std::string_view kBefore = "constraint \"";
  auto begin = message.find(kBefore);
  if (begin == std::string_view::npos) return {};
  begin += kBefore.size();
  return std::string(message.substr(begin, message.find('"', begin) - begin));
}

std::string first_line(std::string_view message) {
  std::string line(message.substr(0, message.find('\n')));
  constexpr std::string_view kSeverity = "ERROR:  ";
  if (line.starts_with(kSeverity)) line.erase(0, kSeverity.size());
  return line;
}

Failure from_sql_error(const pqxx::sql_error& error) {
  const std::string& state = error.sqlstate();
  const bool schema_is_behind = state == "3F000" || state == "42P01" || state == "42703" || state == "42883";
  if (schema_is_behind)
    return {Remedy::kAgainLater, state, "", first_line(error.what()) + " (has `rostrum migrate` been run?)"};
  if (is_missing_partition(state, error.what()))
    return {Remedy::kAgainLater, state, "", first_line(error.what()) + " (is a machine's clock wrong?)"};
  // Messages of class 22 quote the value they refuse.
  const std::string text =
      state.starts_with("22") ? "a value does not fit its column" : first_line(error.what());
  return {remedy_of(state), state, state.starts_with("23") ? constraint_in(error.what()) : "", text};
}

}  // namespace

Remedy remedy_of(std::string_view sqlstate) {
  const auto is_any_of = [&](const auto& beginnings) { return begins_with_any(sqlstate, beginnings); };
  // 26000 and 0A000: what this connection has planned is gone, or no longer fits after a migration.
  constexpr std::array<std::string_view, 4> kOfTheConnection{"08", "57P", "26000", "0A000"};
  constexpr std::array<std::string_view, 6> kOfTheData{"21", "22", "23", "44", "54", "P0"};
  if (sqlstate.size() != 5 || is_any_of(kOfTheConnection)) return Remedy::kReconnect;
  if (sqlstate.starts_with("40")) return Remedy::kAgainNow;
  if (is_any_of(kOfTheData)) return Remedy::kGiveUp;
  return is_any_of(kOfDamage) || is_any_of(kOfLoad) ? Remedy::kAFewTimes : Remedy::kAgainLater;
}

Fault fault_of(std::string_view sqlstate) {
  if (remedy_of(sqlstate) == Remedy::kGiveUp) return Fault::kData;
  return begins_with_any(sqlstate, kOfDamage) ? Fault::kDamage : Fault::kLoad;
}

bool is_missing_partition(std::string_view sqlstate, std::string_view message) {
  return sqlstate == "23514" && first_line(message).starts_with("no partition of relation \"");
}

Failure read_failure(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const pqxx::sql_error& error) {
    return from_sql_error(error);
  } catch (const pqxx::transaction_rollback& error) {
    return {Remedy::kAgainNow, "40000", "", first_line(error.what())};
  } catch (const pqxx::broken_connection& error) {
    return {Remedy::kReconnect, "", "", first_line(error.what())};
  } catch (const pqxx::in_doubt_error&) {  // lost at COMMIT: the job is repeatable, so the doubt is resolved
                                           // by doing it again
    return {Remedy::kReconnect, "", "", "connection lost at commit"};
  } catch (const pqxx::failure& error) {  // libpqxx itself could not go on with this connection
    return {Remedy::kReconnect, "", "", first_line(error.what())};
  }
}

}  // namespace rostrum::pg
