// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <gtest/gtest.h>

#include "clients/cli/exit_code.hpp"
#include "clients/cli/import/checked_reader.hpp"
#include "clients/cli/import/csv.hpp"

namespace rostrum::cli::importing {
namespace {

constexpr const char* kHead = "member_id,jid,display_name,groups,password\n";

std::vector<Row> rows_of(Format format, std::string_view text) {
  const auto reader = make_reader(format, text);
  std::vector<Row> rows;
  while (auto record = reader->next()) {
    EXPECT_EQ(record->mistake, "");
    if (record->row) rows.push_back(std::move(*record->row));
  }
  return rows;
}

/// "2: …; 5: …": what is wrong with a file.
std::string mistakes_in(Format format, std::string_view text) {
  std::string all;
  for (const auto& mistake : survey(format, text).mistakes)
    all += (all.empty() ? "" : "; ") + std::to_string(mistake.line) + ": " + mistake.text;
  return all;
}

std::string refusal(Format format, std::string_view text) {
  try {
    (void)make_reader(format, text);
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code, ExitCode::kUsage);
    return failure.text;
  }
  return "none";
}

TEST(CsvMembers, are_read_as_they_stand) {
  const auto rows = rows_of(Format::kCsv, std::string(kHead) +
                                              "anna,anna@site.test,\"Anna, B.\",a; b|c,plum 7 tree\n"
                                              "ben,ben@site.test,,,\n");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].display_name, "Anna, B.");
  EXPECT_EQ(rows[0].groups, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(rows[0].password.reveal(), "plum 7 tree");
  EXPECT_TRUE(rows[1].groups.empty());
  EXPECT_TRUE(rows[1].password.empty());
}

TEST(CsvMembers, may_have_their_columns_in_any_order_and_leave_some_out) {
  const auto rows = rows_of(Format::kCsv, "rejected, jid ,member_id\nbecause,anna@site.test,anna\n");
  EXPECT_EQ(rows.front().member_id, "anna");
  EXPECT_EQ(rows.front().jid, "anna@site.test");
}

TEST(CsvMembers, need_a_first_line_that_names_the_columns_and_it_is_never_shown) {
  const auto text = refusal(Format::kCsv, "anna,anna@site.test,Anna,,plum 7 tree\n");
  EXPECT_EQ(text.rfind("line 1: column 1 is none of them", 0), 0U) << text;
  EXPECT_EQ(text.find("plum"), std::string::npos);
  EXPECT_NE(refusal(Format::kCsv, "member_id,jid,jid\n").find("column 3 is there for the second time"),
            std::string::npos);
  EXPECT_NE(refusal(Format::kCsv, "member_id,display_name\n").find("there is no jid"), std::string::npos);
  EXPECT_NE(refusal(Format::kCsv, "member_id;jid;password\n").find("not separated by commas"),
            std::string::npos);
  EXPECT_EQ(refusal(Format::kCsv, ""), "the file is empty");
  EXPECT_NE(refusal(Format::kCsv, "\xff\xfem\0").find("UTF-16"), std::string::npos);
}

TEST(CsvMembers, with_a_comma_too_many_are_told_by_their_line) {
  EXPECT_EQ(
      mistakes_in(Format::kCsv, std::string(kHead) + "anna,anna@site.test,Anna,,,\n").rfind("2: 6 fields", 0),
      0U);
}

/// What an import of the text would put aside when every record of it were rejected.
std::string rejected_of(const std::string& text) {
  CheckedReader reader(Format::kCsv, text);
  std::string aside = reader.head_with_remark();
  while (const auto record = reader.next())
    aside += reader.with_remark(*record, record->mistake.empty() ? "a, b" : record->mistake);
  return aside;
}

TEST(CsvMembers, carry_their_reason_in_front_when_they_are_rejected) {
  const auto aside = rejected_of("member_id,jid,password\nanna,\"anna@site.test\",\"a,b\"\n");
  EXPECT_EQ(aside, "rejected,member_id,jid,password\n\"a, b\",anna,anna@site.test,\"a,b\"\n");
  EXPECT_EQ(rejected_of(aside), aside);
}

TEST(CsvMembers, carry_their_reason_where_their_file_has_a_column_for_it) {
  EXPECT_EQ(rejected_of("member_id,rejected,jid\nanna,old reason,anna@site.test\nanna,x\n"),
            "member_id,rejected,jid\nanna,\"a, b\",anna@site.test\nanna,x\n");
}

TEST(CsvMembers, that_cannot_be_read_stay_so_beside_their_reason) {
  const std::vector<std::string> heads{"member_id,jid,display_name,groups,password\n",
                                       "rejected,member_id,jid,display_name,groups,password\n",
                                       "member_id,jid,display_name,groups,password,rejected\n"};
  for (const auto& head : heads) {
    const auto columns = static_cast<std::size_t>(std::count(head.begin(), head.end(), ',')) + 1;
    for (const std::string line :
         {"zed,zed@site.test,Miller, Ben,editors,real-password-1", "zed,zed@site.test,Zed,editors",
          "old reason,zed,zed@site.test,Miller, Ben,editors,pass", "\"old, reason\",zed,zed@site.test,Zed,,",
          "zed,zed@site.test", "zed", "ze\"d\",zed@site.test,Zed,editors,pass",
          "zed,\"zed@site.test\"x,Zed,editors,pass", "\"old\" reason,zed,zed@site.test,Zed,editors,pass",
          "old \"reason,zed,zed@site.test\",zed,zed@site.test,Zed,editors,pass"}) {
      auto fields = CsvParser(line).next();
      if (fields->mistake.empty() && fields->fields.size() == columns) continue;
      auto aside = head + line + '\n';
      for (int again = 0; again < 3; ++again) {
        aside = rejected_of(aside);
        CheckedReader reader(Format::kCsv, aside);
        const auto record = reader.next();
        EXPECT_FALSE(record->row) << aside;
        EXPECT_FALSE(reader.next()) << aside;
      }
    }
  }
  EXPECT_EQ(rejected_of(heads[0] + "zed,zed@site.test,Miller, Ben,editors,pass\n"),
            heads[1] +
                "\"6 fields where the first line has 5: a comma too many or too few, or one that needs "
                "quotes\",zed,zed@site.test,Miller, Ben,editors,pass\n");
}

TEST(JsonMembers, are_read_as_they_stand) {
  const auto rows =
      rows_of(Format::kJsonLines,
              "\xef\xbb\xbf{\"member_id\":\"anna\",\"jid\":\"anna@site.test\",\"groups\":[\"a;b\",\"c\"],"
              "\"password\":\"p\",\"rejected\":\"because\"}\r\n\n"
              "{\"jid\":\"ben@site.test\",\"member_id\":\"ben\",\"groups\":\"a;b\",\"display_name\":null}");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].groups, (std::vector<std::string>{"a;b", "c"}));
  EXPECT_EQ(rows[1].groups, (std::vector<std::string>{"a", "b"}));
}

TEST(JsonMembers, say_what_is_wrong_by_line_and_byte_and_show_nothing_of_it) {
  const auto mistakes = mistakes_in(Format::kJsonLines,
                                    "{\"password\":\"plum\" 7}\n[1]\n\"plum\"\n{\"pasword\":\"plum\"}\n"
                                    "{\"member_id\":7}\n{\"jid\":\"a\",\"jid\":\"b\"}\n"
                                    "{\"groups\":[[\"plum\"]]}\n{\"groups\":{\"plum\":{}}}\n\xff\n");
  EXPECT_EQ(
      mistakes,
      "1: not JSON in UTF-8, from byte 20 on; 2: not a JSON object: { … }; 3: not a JSON object: { … }; "
      "4: no such key: pasword; 5: member_id: a text is wanted; 6: a key is there twice; "
      "7: values inside of values; texts are wanted; 8: values inside of values; texts are wanted; "
      "9: not JSON in UTF-8, from byte 1 on");
}

TEST(JsonMembers, survive_a_line_that_is_nested_without_end) {
  const std::string deep(200'000, '[');
  EXPECT_EQ(mistakes_in(Format::kJsonLines, deep), "1: values inside of values; texts are wanted");
}

TEST(JsonMembers, carry_their_reason_along_when_they_are_rejected) {
  const std::string text = "{\"member_id\":\"anna\",\"jid\":\"a@b.test\",\"password\":\"p\"}\n";
  CheckedReader reader(Format::kJsonLines, text);
  EXPECT_EQ(reader.with_remark(*reader.next(), "why"),
            "{\"member_id\":\"anna\",\"jid\":\"a@b.test\",\"password\":\"p\",\"rejected\":\"why\"}\n");
}

TEST(Format, is_told_by_the_name_or_chosen) {
  EXPECT_EQ(format_of("", "x/members.csv"), Format::kCsv);
  EXPECT_EQ(format_of("", "members.rejected.csv"), Format::kCsv);
  EXPECT_EQ(format_of("", "members.ndjson"), Format::kJsonLines);
  EXPECT_EQ(format_of("jsonl", "members.csv"), Format::kJsonLines);
  EXPECT_EQ(format_of("", "members.txt"), std::nullopt);
  EXPECT_EQ(format_of("", "csv"), std::nullopt);
}

TEST(Survey, finds_all_mistakes_at_once_and_counts_the_rest) {
  const auto found = survey(Format::kCsv, std::string(kHead) +
                                              "anna,anna@site.test,Anna,a;b,pw\n"
                                              ",nobody@site.test,,,\n"
                                              "cleo,Cleo@site.test,,,\n"
                                              "anna,other@site.test,,,\n"
                                              "dora,anna@site.test,,,\n"
                                              "emil,emil@site.test,,b,\n"
                                              "fred,fred@site.test,,x,\"pw\nin two\"\n");
  EXPECT_EQ(found.rows, 7U);
  EXPECT_EQ(found.bad, 5U);
  EXPECT_EQ(found.with_password, 1U);
  EXPECT_EQ(found.groups, (std::set<std::string>{"a", "b"}));
  ASSERT_EQ(found.mistakes.size(), 5U);
  EXPECT_EQ(found.mistakes[0].text, "member_id is missing");
  EXPECT_EQ(found.mistakes[1].line, 4U);
  EXPECT_EQ(found.mistakes[1].text.rfind("jid: ", 0), 0U);
  EXPECT_EQ(found.mistakes[2].text, "this member_id stands in line 2 already");
  EXPECT_EQ(found.mistakes[3].text, "this jid stands in line 2 already");
  EXPECT_EQ(found.mistakes[4].text,
            "password: byte 2: a control character or line break, but this is one line (U+000A)");
}

}  // namespace
}  // namespace rostrum::cli::importing
