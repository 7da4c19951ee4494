// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/presence/world.hpp"

namespace rostrum::presence {
namespace {

using namespace test;

class Schema : public World {
 protected:
  bool keep_history(int months) {
    pqxx::work tx(*connection);
    const bool kept = tx.exec_params1("SELECT presence.keep_history($1::integer)", months)[0].as<bool>();
    tx.commit();
    return kept;
  }
  /// How many months its partitions reach from the present one: "-1 0 1 2".
  std::string months_of(const std::string& table) const {
    return database->value(
        "SELECT string_agg(months::text, ' ' ORDER BY months) FROM ("
        "  SELECT (12 * (left(month, 4)::int - extract(year FROM now() AT TIME ZONE 'UTC')) + right(month, "
        "2)::int"
        "          - extract(month FROM now() AT TIME ZONE 'UTC'))::int AS months"
        "    FROM (SELECT substring(relname FROM '[0-9]{6}$') AS month FROM pg_inherits JOIN pg_class ON oid "
        "= inhrelid"
        "           WHERE inhparent = 'presence." +
        table + "'::regclass AND relname !~ 'default') AS one) AS all_months");
  }
};

TEST_F(Schema, every_table_view_and_column_says_what_it_is) {
  EXPECT_EQ(
      database->rows(
          "SELECT c.relname, '' FROM pg_class c WHERE c.relnamespace = 'presence'::regnamespace AND "
          "c.relkind IN ('r', 'v', 'p') AND obj_description(c.oid, 'pg_class') IS NULL"
          " UNION ALL SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
          " WHERE c.relnamespace = 'presence'::regnamespace AND c.relkind IN ('r', 'v', 'p') AND NOT "
          "c.relispartition"
          " AND a.attnum > 0 AND NOT a.attisdropped AND col_description(c.oid, a.attnum) IS NULL"),
      (std::vector<std::vector<std::string>>{}));
}

TEST_F(Schema, the_reader_reads_the_views_and_nothing_else) {
  const auto reader = database->connect("rostrum_reader");
  for (const char* view : {"domains", "resource_now", "member_now", "last_seen", "group_now", "transitions",
                           "sessions", "coverages", "counts", "online_at(now())"}) {
    pqxx::work tx(*reader);
    EXPECT_NO_THROW(tx.exec(std::string("SELECT * FROM presence.") + view)) << view;
  }
  for (const char* statement : {"SELECT * FROM presence.lease", "SELECT * FROM presence.resource",
                                "SELECT * FROM presence.transition", "SELECT * FROM presence.session",
                                "SELECT * FROM presence.seen", "SELECT * FROM presence.coverage",
                                "SELECT * FROM presence.known_resource", "SELECT presence.keep_history(1)"}) {
    pqxx::work tx(*reader);
    EXPECT_THROW(tx.exec(statement), pqxx::insufficient_privilege) << statement;
  }
}

TEST_F(Schema, the_service_cannot_touch_the_directory_or_rewrite_history) {
  for (const char* statement :
       {"SELECT * FROM directory.member", "SELECT * FROM directory.audience",
        "UPDATE presence.transition SET status = ''", "DELETE FROM presence.transition",
        "UPDATE presence.session SET uncertain = false", "DELETE FROM presence.session",
        "DELETE FROM presence.coverage", "DELETE FROM presence.lease", "DELETE FROM presence.seen",
        "CREATE TABLE presence.x ()", "DROP TABLE presence.transition_default",
        "SELECT presence.keep_months('presence.transition', 'at', current_date, 0, 0)"}) {
    pqxx::work tx(*connection);
    EXPECT_THROW(tx.exec(statement), pqxx::insufficient_privilege) << statement;
  }
}

TEST_F(Schema, keeps_the_months_that_come) {
  keep_history(13);
  keep_history(13);
  EXPECT_EQ(months_of("transition"), "0 1 2");
  EXPECT_EQ(months_of("session"), "0 1 2");
}

TEST_F(Schema, drops_the_months_that_are_too_old_and_knows_nothing_of_them) {
  member("anna");
  for (const auto* table : {"transition", "session"}) {
    database->run("SELECT presence.keep_months('presence." + std::string(table) + "', '" +
                  (std::string(table) == "session" ? "ended_at" : "at") +
                  "', (now() - interval '3 months')::date, 12, 2)");
  }
  EXPECT_EQ(months_of("session"), "-3 -2 -1");
  is_whole({"anna/phone"});
  pass("80 days");
  tell({unavailable("anna/phone")});
  const auto was_online = [&] {
    return value("SELECT state FROM presence.online_at(now() - interval '79 days')");
  };
  EXPECT_EQ(was_online(), "online");
  keep_history(1);
  EXPECT_EQ(months_of("session"), "-1 0 1 2");
  EXPECT_EQ(was_online(), "unknown") << "not offline: nobody can know any more";
  EXPECT_EQ(value("SELECT count(*) FROM presence.coverages WHERE began_at < date_trunc('month', now()) - "
                  "interval '1 month'"),
            "0");
  tell({view_lost()});
  EXPECT_EQ(value("SELECT reason FROM presence.coverages"), "stream-lost")
      << "also one without its beginning ends";
}

TEST_F(Schema, takes_over_what_came_while_a_month_was_missing) {
  member("anna");
  is_whole({"anna/phone"});
  tell({unavailable("anna/phone")});
  EXPECT_EQ(database->value("SELECT count(*) FROM presence.transition_default"), "2");
  keep_history(13);
  EXPECT_EQ(database->value("SELECT count(*) FROM presence.transition_default"), "0");
  EXPECT_EQ(value("SELECT count(*) FROM presence.transitions"), "2");
  EXPECT_EQ(value("SELECT count(*) FROM presence.sessions"), "1");
}

TEST_F(Schema, takes_over_a_whole_month_and_leaves_the_one_before_where_it_is) {
  member("anna");
  database->run(
      "INSERT INTO presence.transition SELECT 'site.test', n, at, 'anna@site.test', 'phone', 'away', 0, '', "
      "NULL, "
      "false, 1"
      " FROM generate_series(date_trunc('month', now() AT TIME ZONE 'UTC') - interval '1 hour',"
      "   date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month', interval '1 hour')"
      "   WITH ORDINALITY AS hours (hour, n), LATERAL (SELECT hour AT TIME ZONE 'UTC' AS at) AS a");
  const auto all = value("SELECT count(*) FROM presence.transitions");
  EXPECT_TRUE(keep_history(13));
  EXPECT_EQ(database->value("SELECT count(*) FROM presence.transition_default"), "1") << "the hour before it";
  EXPECT_EQ(value("SELECT count(*) FROM presence.transitions"), all);
  EXPECT_EQ(months_of("transition"), "0 1 2");
}

TEST_F(Schema, keeps_its_months_later_when_a_reader_holds_the_tables) {
  const auto other = database->connect("postgres");
  {
    pqxx::work report(*other);
    report.exec("SELECT count(*) FROM presence.session");
    EXPECT_FALSE(keep_history(13));
    EXPECT_EQ(months_of("transition"), "NULL") << "all of it or nothing";
    is_whole({"anna/phone"});
    tell({unavailable("anna/phone")});
  }
  EXPECT_TRUE(keep_history(13));
  EXPECT_EQ(months_of("transition"), "0 1 2");
  EXPECT_EQ(database->value("SELECT count(*) FROM presence.session_default"), "0");
}

}  // namespace
}  // namespace rostrum::presence
