// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/pg/statement.hpp"

#include <gtest/gtest.h>

#include "common/pg/connect.hpp"
#include "tests/support/database/database.hpp"

namespace rostrum::pg {
namespace {

class StatementTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::has_database()) GTEST_SKIP() << "no PostgreSQL: run by deploy/lab/with_lab.py";
    database = std::make_unique<test::Database>(false);
  }
  [[nodiscard]] std::shared_ptr<pqxx::connection_base> connected(bool keeps_plans,
                                                                 const std::string& more = "") const {
    return connect(complete_conninfo({database->conninfo("postgres") + more, Secret()}, "test"), keeps_plans);
  }
  static std::string shown(pqxx::connection_base& connection, const std::string& name) {
    pqxx::work tx(connection);
    return tx.exec1("SHOW " + name)[0].c_str();
  }

  std::unique_ptr<test::Database> database;
};

TEST_F(StatementTest, is_planned_once_on_a_connection_also_when_its_transaction_is_lost) {
  const auto connection = connected(true);
  const std::string sql = "SELECT $1::integer + $2::integer";
  for (const int number : {1, 2, 3}) {
    pqxx::work tx(*connection);
    EXPECT_EQ(execute(tx, sql, number, 10)[0][0].as<int>(), number + 10);
    if (number == 2) tx.abort();
  }
  pqxx::work tx(*connection);
  EXPECT_EQ(tx.exec1("SELECT count(*) FROM pg_prepared_statements")[0].as<int>(), 1);
}

TEST_F(StatementTest, tells_an_error_as_any_other_and_can_be_used_again) {
  const auto connection = connected(true);
  const std::string sql = "SELECT 1 / $1::integer";
  {
    pqxx::work tx(*connection);
    EXPECT_THROW((void)execute(tx, sql, 0), pqxx::sql_error);
  }
  pqxx::work tx(*connection);
  EXPECT_EQ(execute(tx, sql, 1)[0][0].as<int>(), 1);
}

// A plan that reads the whole table is the cheaper one as long as the table is small.
TEST_F(StatementTest, is_not_planned_to_read_a_table_whole_that_may_grow) {
  database->run("CREATE TABLE public.small (id integer PRIMARY KEY); INSERT INTO public.small VALUES (1)");
  database->run("ANALYZE public.small");
  for (const bool keeps_plans : {false, true}) {
    const auto connection = connected(keeps_plans);
    pqxx::work tx(*connection);
    std::string plan;
    for (const auto& row : tx.exec("EXPLAIN SELECT * FROM public.small WHERE id = ANY ('{1,2,3}')"))
      plan += row[0].c_str();
    EXPECT_EQ(plan.find("Seq Scan") == std::string::npos, keeps_plans) << plan;
  }
}

TEST_F(StatementTest, leaves_the_operators_own_server_options_in_force) {
  const auto connection = connected(true, " options='-c work_mem=5MB'");
  EXPECT_EQ(shown(*connection, "work_mem"), "5MB");
  EXPECT_EQ(shown(*connection, "enable_seqscan"), "off");
  EXPECT_EQ(shown(*connected(false), "enable_seqscan"), "on");
}

}  // namespace
}  // namespace rostrum::pg
