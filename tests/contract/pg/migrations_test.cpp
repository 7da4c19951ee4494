// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/pg/migrations.hpp"

#include <array>
#include <pqxx/pqxx>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/database/database.hpp"

namespace rostrum::pg {
namespace {

using test::Database;

class Migrations : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::has_database()) GTEST_SKIP() << "no PostgreSQL: run by deploy/lab/with_lab.py";
  }
};

constexpr std::array<Migration, 2> kTwo{
    {{"roles", 1, "one", "CREATE SCHEMA one"}, {"roles", 2, "two", "CREATE SCHEMA two"}}};

TEST_F(Migrations, are_numbered_without_gaps_and_begin_with_the_roles) {
  ASSERT_FALSE(all_migrations().empty());
  EXPECT_EQ(all_migrations().front().service, "roles");
  EXPECT_EQ(all_migrations().front().number, 1);
}

TEST_F(Migrations, are_applied_by_an_owner_who_is_no_superuser_and_only_once) {
  const Database database(false);
  const auto owner = database.connect("rostrum_owner");
  for (const auto& step : migrate(*owner, all_migrations(), false))
    EXPECT_TRUE(step.applied_now) << step.migration->title;
  for (const auto& step : migrate(*owner, all_migrations(), false))
    EXPECT_FALSE(step.applied_now) << step.migration->title;
  EXPECT_EQ(database.value("SELECT count(*) FROM rostrum.migration"),
            std::to_string(all_migrations().size()));
}

TEST_F(Migrations, need_utf8_and_say_how_to_get_it) {
  const Database database(false, "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
  const auto owner = database.connect("rostrum_owner");
  for (const bool dry_run : {true, false}) {
    EXPECT_THAT([&] { (void)migrate(*owner, all_migrations(), dry_run); },
                testing::ThrowsMessage<std::runtime_error>(
                    testing::AllOf(testing::HasSubstr("LATIN1"), testing::HasSubstr("--encoding=UTF8"))));
  }
}

TEST_F(Migrations, change_nothing_in_a_dry_run) {
  const Database database(false);
  const auto steps = migrate(*database.connect("rostrum_owner"), kTwo, true);
  EXPECT_TRUE(steps.front().applied_now);
  EXPECT_EQ(database.value("SELECT to_regclass('rostrum.migration') IS NULL"), "t");
}

TEST_F(Migrations, apply_what_was_added_later) {
  const Database database(false);
  const auto owner = database.connect("rostrum_owner");
  migrate(*owner, std::span(kTwo).first(1), false);
  const auto steps = migrate(*owner, kTwo, false);
  EXPECT_FALSE(steps[0].applied_now);
  EXPECT_TRUE(steps[1].applied_now);
}

TEST_F(Migrations, refuse_a_file_that_was_changed_after_it_was_applied) {
  const Database database(false);
  const auto owner = database.connect("rostrum_owner");
  migrate(*owner, kTwo, false);
  auto changed = kTwo;
  changed[1].sql = "CREATE SCHEMA three";
  EXPECT_THAT([&] { migrate(*owner, changed, false); },
              testing::ThrowsMessage<std::runtime_error>(testing::HasSubstr("roles 2")));
}

TEST_F(Migrations, refuse_a_database_that_is_newer_than_the_program) {
  const Database database(false);
  const auto owner = database.connect("rostrum_owner");
  migrate(*owner, kTwo, false);
  EXPECT_THAT([&] { migrate(*owner, std::span(kTwo).first(1), false); },
              testing::ThrowsMessage<std::runtime_error>(testing::HasSubstr("newer")));
}

TEST_F(Migrations, leave_nothing_of_a_file_that_fails_half_way) {
  const Database database(false);
  const std::array<Migration, 1> broken{{{"roles", 1, "broken", "CREATE SCHEMA half; SELECT 1 / 0"}}};
  EXPECT_THROW(migrate(*database.connect("rostrum_owner"), broken, false), pqxx::sql_error);
  EXPECT_EQ(database.value("SELECT count(*) FROM pg_namespace WHERE nspname = 'half'"), "0");
}

TEST_F(Migrations, comment_every_table_view_and_column) {
  const Database database;
  EXPECT_EQ(database.rows(R"(
    SELECT n.nspname, c.relname, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum >= 0 OR a.attrelid = c.oid AND a.attnum = -1
     WHERE n.nspname IN ('rostrum', 'directory', 'registration', 'notification') AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
       AND NOT a.attisdropped AND col_description(c.oid, greatest(a.attnum, 0)) IS NULL AND a.attnum > 0)"),
            (std::vector<std::vector<std::string>>{}));
  EXPECT_EQ(database.rows(R"(
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('rostrum', 'directory', 'registration', 'notification') AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
       AND obj_description(c.oid, 'pg_class') IS NULL)"),
            (std::vector<std::vector<std::string>>{}));
}

TEST_F(Migrations, let_readers_read_views_and_nobody_more_than_granted) {
  const Database database;
  const auto can = [&](std::string_view role, const std::string& sql) {
    const auto connection = database.connect(role);
    try {
      pqxx::work(*connection).exec(sql);
      return true;
    } catch (const pqxx::insufficient_privilege&) {
      return false;
    }
  };
  EXPECT_TRUE(
      can("rostrum_reader", "SELECT * FROM directory.members, directory.groups, registration.dead_letters"));
  EXPECT_FALSE(can("rostrum_reader", "SELECT * FROM registration.account"));
  EXPECT_FALSE(can("rostrum_reader", "SELECT * FROM directory.member"));
  EXPECT_TRUE(can("rostrum_notification", "SELECT * FROM directory.audience, directory.audience_group"));
  EXPECT_FALSE(can("rostrum_notification", "SELECT * FROM registration.account"));
  EXPECT_FALSE(
      can("rostrum_notification", "INSERT INTO directory.site_group VALUES ('s', 'g', '', 1, true)"));
  EXPECT_TRUE(can("rostrum_registration", "SELECT registration.keep_ledger(7, '2026-01-01')"));
  EXPECT_FALSE(can("rostrum_registration", "CREATE TABLE registration.extra ()"));
  EXPECT_FALSE(
      can("rostrum_registration",
          "SELECT rostrum.keep_day_partitions('registration.ledger', '2026-01-01', '2026-01-01', 1, 1)"));
  EXPECT_FALSE(can("rostrum_registration", "CREATE TABLE public.extra ()"));
}

}  // namespace
}  // namespace rostrum::pg
