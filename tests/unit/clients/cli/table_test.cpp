// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/table.hpp"

#include <sstream>

#include <gtest/gtest.h>

#include "clients/cli/width.hpp"

namespace rostrum::cli {
namespace {

Table of(std::vector<std::vector<std::string>> rows) {
  return {.columns = {{"MEMBER"}, {"SENT", true}}, .rows = std::move(rows)};
}

TEST(Table, aligns_text_left_and_numbers_right) {
  EXPECT_EQ(of({{"anna", "7"}, {"benjamin", "12345"}}).render(),
            "MEMBER     SENT\n"
            "anna          7\n"
            "benjamin  12345\n");
}

TEST(Table, shows_an_empty_cell_as_a_dash) {
  EXPECT_EQ(of({{"", "1"}}).render(), "MEMBER  SENT\n-          1\n");
}

TEST(Table, keeps_hostile_cells_on_their_line) {
  const std::string text = of({{"a\x1b[2J\r\nb\x9b\xff\xe2\x80\xa8", "1"}}).render();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  for (const char byte : text) EXPECT_TRUE(byte == '\n' || static_cast<unsigned char>(byte) >= 0x20) << text;
}

TEST(Table, aligns_wide_and_combining_characters) {
  EXPECT_EQ(of({{"Zoe\u0308", "1"}, {"会議", "2"}, {"Zoe", "3"}}).render(),
            "MEMBER  SENT\n"
            "Zoe\u0308        1\n"
            "会議       2\n"
            "Zoe        3\n");
}

TEST(Table, fits_whatever_its_cells_hold) {
  const std::vector<std::string> hostile{std::string(300, 'x'),
                                         "a\u202e\x1b[31m\n",
                                         "e" +
                                             [] {
                                               std::string accents;
                                               for (int i = 0; i < 500; ++i) accents += "\u0301";
                                               return accents;
                                             }(),
                                         "",
                                         "\xff\xfe\xe4\xbc",
                                         "👩‍👩‍👧‍👦 family",
                                         [] {
                                           std::string wide;
                                           for (int i = 0; i < 200; ++i) wide += "会";
                                           return wide;
                                         }()};
  for (const auto& one : hostile) {
    for (const auto& other : hostile) {
      const Table table{
          .columns = {{"MEMBER", false, true}, {"SHOW"}, {"STATUS"}, {"SINCE", false, true}, {"N", true}},
          .rows = {{one, other, one + other, "2026-11-25 20:15:00Z", other}}};
      std::istringstream lines(table.render());
      for (std::string line; std::getline(lines, line);) EXPECT_LE(width_of(line), 100U) << line;
    }
  }
}

TEST(Table, has_lines_for_a_stream_that_keep_their_columns) {
  EXPECT_EQ(fixed_line({"会議中です", "", "a\x1b[2J"}, {6, 3, 10}), "会議…   -    a?[2J");
  EXPECT_EQ(width_of(fixed_line({std::string(50, 'x'), std::string(50, 'y')}, {20, 20})), 42U);
}

TEST(Table, cuts_the_widest_column_to_fit) {
  const std::string text = of({{std::string(300, 'x'), "1"}, {"anna", "2"}}).render(40);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(width_of(line), 40U) << line;
  EXPECT_NE(text.find("x…"), std::string::npos);
}

TEST(Table, cuts_a_column_that_is_to_be_copied_last) {
  const std::string id(36, 'i');
  const Table table{.columns = {{"NOTICE", false, true}, {"TITLE"}}, .rows = {{id, std::string(200, 't')}}};
  const std::string text = table.render(60);
  EXPECT_NE(text.find(id + "  t"), std::string::npos) << text;
  EXPECT_EQ(width_of(text.substr(text.find('\n') + 1)), 61U) << text;
  EXPECT_NE(table.render(40).find(std::string(29, 'i') + "…  ttttttt…"), std::string::npos)
      << table.render(40);
}

TEST(Table, fits_a_hundred_characters_by_itself) {
  const std::string text = of({{std::string(2'000, 'y'), "1"}}).render();
  EXPECT_EQ(width_of(text.substr(0, text.find('\n'))), 100U);
}

}  // namespace
}  // namespace rostrum::cli
