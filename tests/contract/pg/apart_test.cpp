// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/pg/apart.hpp"

#include <pqxx/pqxx>

#include <gtest/gtest.h>

#include "tests/support/database/database.hpp"

namespace rostrum::pg {
namespace {

class ApartTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::has_database()) GTEST_SKIP() << "no PostgreSQL: run by deploy/lab/with_lab.py";
    database = std::make_unique<test::Database>(false);
    database->run("CREATE TABLE public.entry (number integer PRIMARY KEY)");
    connection = database->connect("postgres");
  }
  static void insert(pqxx::transaction_base& tx, int number) {
    tx.exec_params0("INSERT INTO public.entry VALUES ($1)", number);
  }
  static void fail(pqxx::transaction_base& tx, const std::string& sqlstate) {
    tx.exec_params0("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '" + sqlstate + "'; END $$");
  }
  [[nodiscard]] std::string entries() const {
    return database->value("SELECT string_agg(number::text, ' ' ORDER BY number) FROM public.entry");
  }

  std::unique_ptr<test::Database> database;
  std::shared_ptr<pqxx::connection_base> connection;
};

TEST_F(ApartTest, a_part_that_is_refused_leaves_nothing_and_the_others_stay) {
  pqxx::work tx(*connection);
  EXPECT_FALSE(apart(tx, [&] { insert(tx, 1); }));
  const auto refused = apart(tx, [&] {
    insert(tx, 2);
    insert(tx, 1);
  });
  ASSERT_TRUE(refused);
  EXPECT_EQ(name_of(*refused), "23505 (entry_pkey)");
  EXPECT_FALSE(apart(tx, [&] { insert(tx, 3); }));
  tx.commit();
  EXPECT_EQ(entries(), "1 3");
}

TEST_F(ApartTest, a_part_that_fails_after_one_of_its_own_did_leaves_nothing) {
  pqxx::work tx(*connection);
  insert(tx, 1);
  EXPECT_TRUE(apart(tx, [&] {
    insert(tx, 2);
    EXPECT_TRUE(apart(tx, [&] { insert(tx, 1); }));
    insert(tx, 3);
    insert(tx, 1);
  }));
  tx.commit();
  EXPECT_EQ(entries(), "1");
}

TEST_F(ApartTest, damage_is_borne_and_what_gets_no_time_only_where_that_is_asked_for) {
  pqxx::work tx(*connection);
  const auto damaged = apart(tx, [&] { fail(tx, "XX001"); });
  ASSERT_TRUE(damaged);
  EXPECT_EQ(damaged->fault, Fault::kDamage);
  const auto slow = apart_if_at_all(tx, [&] { fail(tx, "57014"); });
  ASSERT_TRUE(slow);
  EXPECT_EQ(slow->fault, Fault::kLoad);
  insert(tx, 1);
  EXPECT_THROW((void)apart(tx, [&] { fail(tx, "57014"); }), pqxx::sql_error);
}

TEST_F(ApartTest, what_is_rehearsed_leaves_nothing_and_what_is_refused_then_is_thrown) {
  {
    pqxx::work tx(*connection);
    insert(tx, 1);
    rehearse(tx, [&] { insert(tx, 2); });
    tx.commit();
  }
  EXPECT_EQ(entries(), "1");
  pqxx::work tx(*connection);
  EXPECT_THROW(rehearse(tx, [&] { insert(tx, 1); }), pqxx::sql_error);
}

}  // namespace
}  // namespace rostrum::pg
