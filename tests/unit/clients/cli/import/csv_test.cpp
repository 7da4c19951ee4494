// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/import/csv.hpp"

#include <span>

#include <gtest/gtest.h>

#include "common/base/random.hpp"

namespace rostrum::cli::importing {
namespace {

/// All records: "1:a|b 3:c|d", a mistake as "2!".
std::string read(std::string_view text) {
  CsvParser parser(text);
  std::string all;
  while (const auto record = parser.next()) {
    all += (all.empty() ? "" : " ") + std::to_string(record->line);
    if (!record->mistake.empty()) {
      all += "!";
      continue;
    }
    for (std::size_t i = 0; i < record->fields.size(); ++i) all += (i == 0 ? ":" : "|") + record->fields[i];
  }
  return all;
}

TEST(Csv, takes_lines_and_fields_apart) {
  EXPECT_EQ(read("a,b\nc,d\n"), "1:a|b 2:c|d");
  EXPECT_EQ(read("a,b\r\nc,d"), "1:a|b 2:c|d");
  EXPECT_EQ(read("a,,\n,"), "1:a|| 2:|");
  EXPECT_EQ(read(" a , b "), "1: a | b ");
  EXPECT_EQ(read(""), "");
}

TEST(Csv, passes_over_empty_lines_and_a_byte_order_mark) {
  EXPECT_EQ(read("\xef\xbb\xbf"
                 "a,b\n\n\r\nc,d\n\n"),
            "1:a|b 4:c|d");
}

TEST(Csv, reads_quoted_fields) {
  EXPECT_EQ(read("\"a,b\",c"), "1:a,b|c");
  EXPECT_EQ(read("\"say \"\"hi\"\"\",\"\""), "1:say \"hi\"|");
  EXPECT_EQ(read("\"two\nlines\",x\nnext,y"), "1:two\nlines|x 3:next|y");
}

TEST(Csv, finds_a_quote_in_the_wrong_place_and_goes_on_behind_it) {
  EXPECT_EQ(read("a\"b,c\nd,e"), "1! 2:d|e");
  EXPECT_EQ(read("\"a\" ,c\nd,e"), "1! 2:d|e");
  EXPECT_EQ(read("\"a\"b\nd,e"), "1! 2:d|e");
}

TEST(Csv, says_where_a_quote_begins_that_never_ends) {
  CsvParser parser("a,b\nc,\"d\ne,f\n");
  (void)parser.next();
  const auto record = parser.next();
  ASSERT_TRUE(record);
  EXPECT_TRUE(record->endless);
  EXPECT_EQ(record->mistake, "the quote that begins in line 2 never ends");
  EXPECT_FALSE(parser.next());
}

TEST(Csv, keeps_each_record_as_it_stood) {
  CsvParser parser("a,\"b\"\r\n\"c\nd\",e");
  EXPECT_EQ(parser.next()->raw, "a,\"b\"");
  EXPECT_EQ(parser.next()->raw, "\"c\nd\",e");
}

TEST(Csv, writes_a_field_so_that_it_reads_the_same) {
  SeededRandom random(7);
  constexpr std::string_view kAlphabet = "a,\"\n\r; ";
  for (int round = 0; round < 2'000; ++round) {
    std::string field;
    for (std::size_t i = random.below(8); i > 0; --i) field += kAlphabet[random.below(kAlphabet.size())];
    CsvParser parser("x," + csv_field(field) + ",y\n");
    const std::string line = "x," + csv_field(field) + ",y\n";
    const auto record = CsvParser(line).next();
    ASSERT_TRUE(record);
    ASSERT_EQ(record->mistake, "") << line;
    ASSERT_EQ(record->fields, (std::vector<std::string>{"x", field, "y"})) << line;
  }
}

TEST(Csv, comes_to_an_end_whatever_the_bytes) {
  SeededRandom random(11);
  constexpr std::string_view kAlphabet = "ab,\"\"\n\r\xff";
  for (int round = 0; round < 5'000; ++round) {
    std::string text;
    for (std::size_t i = random.below(40); i > 0; --i) text += kAlphabet[random.below(kAlphabet.size())];
    CsvParser parser(text);
    std::size_t records = 0;
    for (std::size_t last = 0; const auto record = parser.next(); last = record->line) {
      ASSERT_GT(record->line, last) << text;
      ASSERT_LE(++records, text.size());
    }
  }
}

}  // namespace
}  // namespace rostrum::cli::importing
