// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <pqxx/pqxx>

#include "clients/cli/check/finding.hpp"
#include "clients/cli/views.hpp"
#include "common/pg/migrations.hpp"

namespace rostrum::cli::check {

namespace {

constexpr double kLargestSkewSeconds = 2.0;
constexpr std::array<const char*, 15> kViews{
    "directory.members",         "directory.groups",          "registration.dead_letters",
    "notification.notices",      "notification.notice_texts", "notification.deliveries",
    "notification.dead_letters", "presence.domains",          "presence.member_now",
    "presence.resource_now",     "presence.transitions",      "presence.sessions",
    "presence.coverages",        "registration.dropped",      "notification.dropped"};

Finding look_at_schema(pqxx::connection_base& reader) {
  const auto steps = pg::migrate(reader, pg::all_migrations(), true);
  const auto missing =
      std::count_if(steps.begin(), steps.end(), [](const auto& step) { return step.applied_now; });
  if (missing > 0)
    return bad("schema", std::to_string(missing) + " migrations are not applied", "rostrum migrate");
  return good("schema", "up to date (" + std::to_string(steps.size()) + " migrations)");
}

Finding look_at_grants(pqxx::connection_base& reader) {
  pqxx::read_transaction tx(reader);
  std::string missing;
  for (const auto* view : kViews) {
    const auto row = tx.exec_params1(
        "SELECT to_regclass($1) IS NOT NULL AND has_table_privilege(to_regclass($1), 'SELECT')", view);
    if (!row[0].as<bool>()) missing += (missing.empty() ? "" : ", ") + std::string(view);
  }
  if (!missing.empty())
    return bad("views", "this role cannot read " + missing,
               "use rostrum_reader in [cli] database, and run `rostrum migrate`");
  const auto row =
      tx.exec1("SELECT current_user, has_table_privilege('directory.member', 'INSERT, UPDATE, DELETE')");
  if (row[1].as<bool>())
    return bad("views", row[0].as<std::string>() + " may also write", "use rostrum_reader in [cli] database");
  return good("views", row[0].as<std::string>() + " may read the views and nothing else");
}

/// The services' times are the database's; ours decides when a notice expires that is told here.
Finding look_at_clock(pqxx::connection_base& reader) {
  using Clock = std::chrono::system_clock;
  const auto seconds = [](Clock::time_point time) {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
  };
  pqxx::read_transaction tx(reader);
  const double before = seconds(Clock::now());
  const double theirs =
      tx.exec1("SELECT extract(epoch FROM clock_timestamp())::double precision")[0].as<double>();
  const double ours = (before + seconds(Clock::now())) / 2;
  const double skew = std::abs(theirs - ours);
  const std::string text = std::to_string(std::lround(skew * 1'000)) + " ms from the database's";
  if (skew > kLargestSkewSeconds)
    return bad("clock", "this machine's clock is " + text, "timedatectl set-ntp true   # on both machines");
  return good("clock", text);
}

}  // namespace

Findings look_at_database(const Settings& settings) {
  Findings findings;
  try {
    const auto reader = open_database(settings.database, "database");
    findings.push_back(good("database", "reached"));
    for (const auto look : {look_at_schema, look_at_grants, look_at_clock}) findings.push_back(look(*reader));
  } catch (const Failure& failure) {
    findings.push_back(bad("database", failure.text,
                           "is PostgreSQL running, and may rostrum_reader come in from here (pg_hba.conf)?"));
  } catch (const pqxx::sql_error& error) {
    findings.push_back(bad("database", error.what(), "rostrum migrate"));
  } catch (const std::exception& error) {
    findings.push_back(
        bad("database", error.what(),
            "the schema and this program must be of one version: see `rostrum migrate --dry-run`"));
  }
  return findings;
}

}  // namespace rostrum::cli::check
