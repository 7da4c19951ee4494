// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/input.hpp"

#include <sstream>

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"

namespace rostrum::cli {
namespace {

class Input : public ::testing::Test {
 protected:
  void types(const std::string& text) { in_.str(text); }
  ExitCode password_failure(const std::string& file) {
    try {
      [[maybe_unused]] const auto password = read_password(session_, file);
    } catch (const Failure& failure) {
      said_ = failure.text;
      return failure.code;
    }
    return ExitCode::kOk;
  }

  std::istringstream in_;
  std::ostringstream out_;
  Session session_{in_, out_, out_, {}};
  std::string said_;
  std::string file(const std::string& content) {
    directory_.write("password", content);
    return directory_.path_of("password");
  }
  test::TemporaryFolder directory_;
};

TEST_F(Input, takes_the_first_line_of_a_file_as_the_password) {
  EXPECT_EQ(read_password(session_, file("plum 7 tree\nnot this\n")).reveal(), "plum 7 tree");
  EXPECT_EQ(read_password(session_, file("made on Windows\r\n")).reveal(), "made on Windows");
  EXPECT_EQ(read_password(session_, file("no newline")).reveal(), "no newline");
}

TEST_F(Input, takes_the_password_from_standard_input) {
  types("  blanks count  \n");
  EXPECT_EQ(read_password(session_, "-").reveal(), "  blanks count  ");
}

TEST_F(Input, refuses_an_empty_password_and_a_file_that_is_not_there) {
  EXPECT_EQ(password_failure(file("\nsecond line\n")), ExitCode::kUsage);
  EXPECT_EQ(said_.find("second"), std::string::npos);
  EXPECT_EQ(password_failure(directory_.path_of("missing")), ExitCode::kUsage);
  EXPECT_NE(said_.find("No such file"), std::string::npos);
}

TEST_F(Input, takes_a_text_as_it_stands_or_from_standard_input) {
  EXPECT_EQ(read_text(session_, "Tea at four."), "Tea at four.");
  types("two\nlines\n\n");
  EXPECT_EQ(read_text(session_, "-"), "two\nlines");
}

TEST_F(Input, stops_reading_a_text_that_is_too_long) {
  types(std::string(70'000, 'x'));
  EXPECT_THROW({ [[maybe_unused]] const auto text = read_text(session_, "-"); }, Failure);
}

}  // namespace
}  // namespace rostrum::cli
