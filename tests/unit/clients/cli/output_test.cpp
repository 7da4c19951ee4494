// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/output.hpp"

#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace rostrum::cli {
namespace {

class Output : public ::testing::Test {
 protected:
  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  Session session_{in_, out_, err_, {}};
  const Json rows_ = Json::parse(
      R"([{"member_id":"anna","groups":["editors","printers"],"since":"2026-11-22T15:40:01.123456+00:00",
                                      "reason":null,"present":true,"revision":9007199254740993}])");
};

TEST_F(Output, shows_rows_as_a_table_of_the_fields_asked_for) {
  print_rows(session_, rows_,
             {{"member_id", "MEMBER"}, {"groups", "GROUPS"}, {"since", "SINCE"}, {"reason", "REASON"}});
  EXPECT_EQ(out_.str(),
            "MEMBER  GROUPS            SINCE                 REASON\n"
            "anna    editors,printers  2026-11-22 15:40:01Z  -\n");
}

TEST_F(Output, gives_programs_all_fields_with_their_types) {
  session_.json = true;
  print_rows(session_, rows_, {{"member_id", "MEMBER"}});
  const Json read = Json::parse(out_.str());
  EXPECT_EQ(read, rows_);
  EXPECT_EQ(read[0]["revision"], 9007199254740993);
}

TEST_F(Output, says_none_beside_the_output_when_there_are_no_rows) {
  print_rows(session_, Json::array(), {{"member_id", "MEMBER"}});
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(err_.str(), "none\n");
}

TEST_F(Output, gives_programs_an_empty_array_when_there_are_no_rows) {
  session_.json = true;
  print_rows(session_, Json::array(), {{"member_id", "MEMBER"}});
  EXPECT_EQ(out_.str(), "[]\n");
}

TEST_F(Output, shows_a_record_line_by_line_and_harmless) {
  print_record(session_, {{"jid", "anna@example.org"}, {"title", "a\nb\x1b[0m"}, {"done_at", nullptr}});
  EXPECT_EQ(out_.str(),
            "jid      anna@example.org\n"
            "title    a?b?[0m\n"
            "done_at  -\n");
}

TEST_F(Output, writes_valid_json_whatever_bytes_a_text_holds) {
  print_json(session_, {{"text", "broken \xff"}});
  EXPECT_EQ(Json::parse(out_.str())["text"], "broken \xef\xbf\xbd");
}

TEST_F(Output, escapes_in_json_what_a_terminal_would_obey) {
  const std::string hostile = "a\x1b[2J\x7f\u009b2Jb\u2028\u202ec\u2066d\u00e9\u2026\U0001f600";
  print_json(session_, {{"text", hostile}});
  EXPECT_EQ(out_.str(),
            "{\"text\":\"a\\u001b[2J\\u007f\\u009b2Jb\\u2028\\u202ec\\u2066d\u00e9\u2026\U0001f600\"}\n");
  EXPECT_EQ(Json::parse(out_.str())["text"], hostile);
}

}  // namespace
}  // namespace rostrum::cli
