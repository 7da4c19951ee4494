// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/table.hpp"

#include <sstream>

#include <gtest/gtest.h>

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

TEST(Table, counts_characters_and_not_bytes) {
  EXPECT_EQ(width_of("Zoë"), 3U);
  EXPECT_EQ(of({{"Zoë", "1"}, {"Zoe", "2"}}).render(),
            "MEMBER  SENT\n"
            "Zoë        1\n"
            "Zoe        2\n");
}

TEST(Table, cuts_the_widest_column_to_fit) {
  const std::string text = of({{std::string(300, 'x'), "1"}, {"anna", "2"}}).render(40);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(width_of(line), 40U) << line;
  EXPECT_NE(text.find("x…"), std::string::npos);
}

TEST(Table, never_cuts_a_column_that_is_to_be_copied) {
  const std::string id(36, 'i');
  const Table table{.columns = {{"NOTICE", false, true}, {"TITLE"}}, .rows = {{id, std::string(200, 't')}}};
  const std::string text = table.render(60);
  EXPECT_NE(text.find(id + "  t"), std::string::npos) << text;
  EXPECT_EQ(width_of(text.substr(text.find('\n') + 1)), 61U) << text;
}

TEST(Table, fits_a_hundred_characters_by_itself) {
  const std::string text = of({{std::string(2'000, 'y'), "1"}}).render();
  EXPECT_EQ(width_of(text.substr(0, text.find('\n'))), 100U);
}

}  // namespace
}  // namespace rostrum::cli
