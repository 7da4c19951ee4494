// SPDX-License-Identifier: GPL-3.0-or-later
// common/pg/schema/0005_days_by_two_clocks.sql, on the registration service's ledger.
#include <optional>
#include <pqxx/pqxx>

#include <gtest/gtest.h>

#include "tests/support/database/database.hpp"

namespace rostrum::pg {
namespace {

using test::Database;

class DayPartitions : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::has_database()) GTEST_SKIP() << "no PostgreSQL: run by deploy/lab/with_lab.py";
    database.emplace();
  }
  /// Fails when it has to wait for a lock for as long as half a minute.
  void keep(const std::string& today, const std::string& service_day, int behind, int ahead) const {
    database->run(
        "SET statement_timeout = '30s'; SELECT rostrum.keep_day_partitions('registration.ledger', '" + today +
        "', '" + service_day + "', " + std::to_string(behind) + ", " + std::to_string(ahead) + ")");
  }
  /// The days that are there: "0227 0228".
  [[nodiscard]] std::string days() const {
    return database->value(
        "SELECT string_agg(right(relname, 4), ' ' ORDER BY relname) FROM pg_inherits JOIN pg_class ON oid = "
        "inhrelid WHERE inhparent = 'registration.ledger'::regclass");
  }
  void write(const std::string& day) const {
    database->run("SET lock_timeout = '5s'; INSERT INTO registration.ledger VALUES ('" + day +
                  "', 's', gen_random_uuid(), '\\x00')");
  }
  /// How many of the days `from` to `to` after `around` are there.
  [[nodiscard]] std::string made(const std::string& around, int from, int to) const {
    return database->value("SELECT count(*) FROM generate_series(" + std::to_string(from) + ", " +
                           std::to_string(to) +
                           ") AS n WHERE to_regclass('registration.ledger_' || to_char(" + around +
                           " + n, 'YYYYMMDD')) IS NOT NULL");
  }

  std::optional<Database> database;
};

constexpr const char* kToday = "(now() AT TIME ZONE 'UTC')::date";

TEST_F(DayPartitions, are_those_of_the_horizon_and_older_ones_are_dropped) {
  keep("2026-03-01", "2026-03-01", 2, 1);
  EXPECT_EQ(days(), "0227 0228 0301 0302");
  write("2026-03-02");
  keep("2026-03-03", "2026-03-03", 1, 0);
  EXPECT_EQ(days(), "0302 0303");
  EXPECT_EQ(database->value("SELECT count(*) FROM registration.ledger"), "1");
}

TEST_F(DayPartitions, belong_to_the_owner_and_are_written_through_the_parent) {
  const auto connection = database->connect("rostrum_registration");
  pqxx::work tx(*connection);
  tx.exec(std::string("SELECT registration.keep_ledger(7, ") + kToday + ")");
  tx.exec(std::string("INSERT INTO registration.ledger VALUES (") + kToday +
          ", 's', gen_random_uuid(), '\\x00')");
  tx.commit();
  EXPECT_EQ(
      database->value("SELECT count(*) FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = "
                      "'registration.ledger'::regclass AND relowner <> 'rostrum_owner'::regrole"),
      "0");
}

TEST_F(DayPartitions, lock_nothing_while_there_is_nothing_to_do) {
  keep("2026-03-01", "2026-03-01", 2, 1);
  const auto connection = database->connect("rostrum_owner");
  pqxx::work tx(*connection);
  tx.exec("SELECT rostrum.keep_day_partitions('registration.ledger', '2026-03-01', '2026-03-01', 2, 1)");
  EXPECT_EQ(
      tx.exec1("SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND (locktype = 'advisory' OR "
               "relation IN (SELECT oid FROM pg_class WHERE relnamespace = 'registration'::regnamespace))")[0]
          .as<int>(),
      0);
}

TEST_F(DayPartitions, are_made_and_written_beside_a_long_reader_and_dropped_once_it_is_gone) {
  keep("2026-03-01", "2026-03-01", 2, 1);
  {
    const auto connection = database->connect("rostrum_owner");
    pqxx::work reader(*connection);
    reader.exec("SELECT count(*) FROM registration.ledger");
    keep("2026-03-03", "2026-03-03", 2, 1);
    EXPECT_EQ(days(), "0227 0228 0301 0302 0303 0304");
    write("2026-03-04");
  }
  keep("2026-03-03", "2026-03-03", 2, 1);
  EXPECT_EQ(days(), "0301 0302 0303 0304");
}

TEST_F(DayPartitions, are_made_while_others_write) {
  keep("2026-03-01", "2026-03-01", 1, 0);
  const auto connection = database->connect("rostrum_registration");
  pqxx::work writer(*connection);
  writer.exec("INSERT INTO registration.ledger VALUES ('2026-03-01', 's', gen_random_uuid(), '\\x00')");
  keep("2026-03-02", "2026-03-02", 1, 0);
  EXPECT_EQ(days(), "0228 0301 0302");
  writer.commit();
}

TEST_F(DayPartitions, are_those_of_both_clocks_and_only_what_is_behind_both_is_dropped) {
  keep("2026-03-01", "2026-03-01", 2, 1);
  keep("2026-03-13", "2026-03-01", 2, 1);  // the database's clock jumps
  EXPECT_EQ(days(), "0227 0228 0301 0302 0311 0312 0313 0314");
  keep("2026-03-01", "2026-03-13", 2, 1);  // the service's
  EXPECT_EQ(days(), "0227 0228 0301 0302 0311 0312 0313 0314");
  keep("2026-03-13", "2026-03-13", 2, 1);
  EXPECT_EQ(days(), "0311 0312 0313 0314");
}

TEST_F(DayPartitions, are_not_made_for_a_clock_that_is_further_off_nor_dropped) {
  keep("2026-03-01", "2026-03-01", 0, 0);
  keep("2026-03-01", "2028-03-01", 0, 0);
  EXPECT_EQ(days(), "0301 0430");
  keep("2028-03-01", "2026-03-01", 0, 0);
  EXPECT_EQ(days(), "0301 0430 0101 0301");
}

TEST_F(DayPartitions, of_a_service_twelve_days_away_are_all_there) {
  for (const char* offset : {" + 12", " - 12"}) {
    const auto connection = database->connect("rostrum_registration");
    pqxx::work tx(*connection);
    tx.exec(std::string("SELECT registration.keep_ledger(7, ") + kToday + offset + ")");
    tx.commit();
    EXPECT_EQ(made(kToday, -9, 3), "13") << offset;
    EXPECT_EQ(made(std::string(kToday) + offset, -9, 3), "13") << offset;
  }
}

}  // namespace
}  // namespace rostrum::pg
