// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/notification/world.hpp"

namespace rostrum::notification {
namespace {

using Schema = World;

TEST_F(Schema, every_table_view_and_column_says_what_it_is) {
  EXPECT_EQ(
      database->rows(
          "SELECT c.relname, '' FROM pg_class c WHERE c.relnamespace = 'notification'::regnamespace AND "
          "c.relkind IN ('r', 'v', 'p')"
          " AND NOT c.relispartition AND obj_description(c.oid, 'pg_class') IS NULL"
          " UNION ALL SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
          " WHERE c.relnamespace = 'notification'::regnamespace AND c.relkind IN ('r', 'v', 'p') AND NOT "
          "c.relispartition"
          " AND a.attnum > 0 AND NOT a.attisdropped AND col_description(c.oid, a.attnum) IS NULL"),
      (std::vector<std::vector<std::string>>{}));
}

TEST_F(Schema, the_reader_reads_the_views_and_nothing_else) {
  const auto reader = database->connect("rostrum_reader");
  for (const char* view : {"notices", "notice_texts", "deliveries", "dead_letters"}) {
    pqxx::work tx(*reader);
    EXPECT_NO_THROW(tx.exec(std::string("SELECT * FROM notification.") + view)) << view;
  }
  for (const char* table : {"notice", "delivery", "progress", "ledger"}) {
    pqxx::work tx(*reader);
    EXPECT_THROW(tx.exec(std::string("SELECT * FROM notification.") + table), pqxx::insufficient_privilege)
        << table;
  }
}

TEST_F(Schema, the_list_of_notices_shows_no_body) {
  EXPECT_EQ(
      database->value("SELECT count(*) FROM information_schema.columns WHERE table_schema = 'notification'"
                      " AND table_name = 'notices' AND column_name = 'body'"),
      "0");
}

TEST_F(Schema, the_service_cannot_touch_the_directory_the_counters_or_what_was_said) {
  for (const char* statement :
       {"DELETE FROM notification.notice", "UPDATE notification.notice SET body = ''",
        "DELETE FROM notification.delivery", "UPDATE notification.delivery SET token = gen_random_uuid()",
        "UPDATE notification.progress SET sent = 0", "SELECT * FROM directory.member",
        "SELECT * FROM registration.account", "CREATE TABLE notification.x ()"}) {
    pqxx::work tx(*connection);
    EXPECT_THROW(tx.exec(statement), pqxx::insufficient_privilege) << statement;
  }
}

TEST_F(Schema, totals_are_those_of_the_whole_database) {
  many_members(3);
  publish(to_all());
  expand_all();
  publish(to_all());
  database->run("UPDATE notification.delivery SET due = now() - interval '90 s' WHERE member_id = 'm2'");
  Totals totals{};
  transact([&](pqxx::transaction_base& tx) { totals = read_totals(tx); });
  EXPECT_EQ(totals.notices_expanding, 1);
  EXPECT_EQ(totals.notices_sending, 1);
  EXPECT_GE(totals.oldest_due_seconds, 90);
  EXPECT_LT(totals.oldest_due_seconds, 120);
}

}  // namespace
}  // namespace rostrum::notification
