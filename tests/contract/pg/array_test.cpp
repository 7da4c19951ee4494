// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/pg/array.hpp"

#include <pqxx/pqxx>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/database/database.hpp"

namespace rostrum::pg {
namespace {

TEST(Array, brings_hostile_texts_nulls_and_bytes_to_the_database_and_back) {
  if (!test::has_database()) GTEST_SKIP() << "no PostgreSQL: run by deploy/lab/with_lab.py";
  const std::vector<std::string> texts{
      "", "NULL", "a,b", "{\"x\"}", "\\", "\"", "ä\n\t'; DROP TABLE x; --", "\xF0\x9F\x98\x80"};
  const std::string bytes{"\x00\x01\xff\\\"{}", 7};
  Array text_column, byte_column;
  for (const auto& text : texts) {
    text_column.add(std::string_view(text));
    byte_column.add_bytes(std::string_view(bytes));
  }
  text_column.add_null();
  byte_column.add_bytes(std::optional<std::string>());

  const test::Database database(false);
  const auto connection = database.connect("postgres");
  pqxx::work tx(*connection);
  const auto rows =
      tx.exec_params("SELECT * FROM unnest($1::text[], $2::bytea[])", text_column.text(), byte_column.text());
  ASSERT_EQ(rows.size(), texts.size() + 1);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto row = rows[static_cast<pqxx::result::size_type>(i)];
    EXPECT_EQ(row[0].c_str(), texts[i]);
    EXPECT_EQ(bytes_of_bytea(row[1].c_str()), bytes);
  }
  EXPECT_TRUE(rows.back()[0].is_null());
  EXPECT_TRUE(rows.back()[1].is_null());
}

TEST(Array, writes_numbers_truths_and_single_bytes) {
  Array numbers;
  numbers.add(std::int64_t{-1});
  numbers.add(std::int64_t{2});
  EXPECT_EQ(numbers.text(), "{-1,2}");
  Array truths;
  truths.add(true);
  truths.add(false);
  EXPECT_EQ(truths.text(), "{t,f}");
  Array ids;
  ids.add(Uuid::parse("0190a6e0-0000-7000-8000-00000000abcd").value());
  EXPECT_EQ(ids.text(), "{0190a6e000007000800000000000abcd}");
  EXPECT_EQ(Array().text(), "{}");
  EXPECT_EQ(bytes_of_bytea(bytea_text("\xAB")), "\xAB");
}

}  // namespace
}  // namespace rostrum::pg
