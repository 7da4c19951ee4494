// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/config/document.hpp"

#include <gtest/gtest.h>

namespace rostrum::config {
namespace {

// toml11 reads behind its buffer there: tests/fuzz/configuration found it.
TEST(Document, says_in_which_line_it_is_not_utf8) {
  for (const std::string value :
       {"'''J\xfcrgen'''", "'J\xfcrgen'", "\"J\xfcrgen\"", "\"\"\"J\xfcrgen\"\"\""}) {
    const auto document = parse_document("[gateway]\nname = " + value + "\n");
    ASSERT_FALSE(document.ok()) << value;
    EXPECT_EQ(document.error().line, 2U) << value;
    EXPECT_NE(document.error().what.find("not UTF-8"), std::string::npos) << document.error().what;
  }
}

TEST(Document, takes_what_is_utf8) {
  EXPECT_TRUE(parse_document("[gateway]\r\nname = '''J\u00fcrgen'''\t# \u20ac\r\n").ok());
  EXPECT_TRUE(parse_document("").ok());
}

}  // namespace
}  // namespace rostrum::config
