// SPDX-License-Identifier: Apache-2.0
#include "common/base/text.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "common/base/random.hpp"

namespace rostrum {
namespace {

constexpr TextRule kAny{.max_bytes = 1000};
constexpr TextRule kOneLine{.max_bytes = 1000, .one_line = true};

/// The bytes of a code point by arithmetic alone, surrogates and all: the twin of the decoder.
std::string encode(char32_t c) {
  const auto tail = [c](unsigned shift) { return static_cast<char>(0x80U | ((c >> shift) & 0x3fU)); };
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(0xc0U | (c >> 6U)), tail(0)};
  if (c < 0x10000) return {static_cast<char>(0xe0U | (c >> 12U)), tail(6), tail(0)};
  return {static_cast<char>(0xf0U | (c >> 18U)), tail(12), tail(6), tail(0)};
}

TEST(CheckText, takes_exactly_the_characters_of_xml) {
  for (char32_t c = 0; c <= 0x10ffff + 100; ++c) {
    const bool surrogate = c >= 0xd800 && c <= 0xdfff;
    const bool xml = c == 9 || c == 10 || c == 13 || (c >= 0x20 && c != 0xfffe && c != 0xffff);
    const auto error = check_text("x" + encode(c), kAny);
    if (surrogate || c > 0x10ffff) {
      ASSERT_TRUE(error && error->fault == TextFault::kNotUtf8) << std::hex << static_cast<unsigned>(c);
    } else if (!xml) {
      ASSERT_TRUE(error && error->fault == TextFault::kForbiddenCharacter)
          << std::hex << static_cast<unsigned>(c);
      ASSERT_EQ(error->character, c);
    } else {
      ASSERT_FALSE(error) << std::hex << static_cast<unsigned>(c);
    }
  }
}

TEST(CheckText, refuses_what_is_not_utf8_and_says_where) {
  const std::string_view bad[] = {
      "ab\x80",              // a tail without a lead
      "ab\xc0\xaf",          // overlong slash, two bytes
      "ab\xc1\xbf",          // overlong, two bytes
      "ab\xe0\x80\xaf",      // overlong slash, three bytes
      "ab\xe0\x9f\xbf",      // the largest overlong of three bytes
      "ab\xf0\x8f\xbf\xbf",  // the largest overlong of four bytes
      "ab\xed\xa0\x80",      // a surrogate
      "ab\xf4\x90\x80\x80",  // above U+10FFFF
      "ab\xf5\x80\x80\x80",
      "ab\xff",
      "ab\xfe",
      "ab\xe2\x82",      // cut off
      "ab\xf0\x9f\x98",  // cut off
      "ab\xe2\x28\xa1",  // a wrong second byte
      "ab\xe2\x82\x28",  // a wrong third byte
      "ab\xf0\x9f\x98\x28",
  };
  for (const auto text : bad) {
    const auto error = check_text(text, kAny);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->fault, TextFault::kNotUtf8);
    EXPECT_EQ(error->byte_offset, 2U);
  }
}

TEST(CheckText, refuses_a_zero_byte) {
  const auto error = check_text(std::string_view("a\0b", 3), kAny);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->fault, TextFault::kForbiddenCharacter);
  EXPECT_EQ(error->byte_offset, 1U);
}

TEST(CheckText, keeps_to_one_line_where_asked) {
  for (const char32_t c : {0x9U, 0xaU, 0xdU, 0x7fU, 0x80U, 0x85U, 0x9fU, 0x2028U, 0x2029U}) {
    EXPECT_FALSE(check_text(encode(c), kAny));
    EXPECT_TRUE(check_text(encode(c), kOneLine)) << std::hex << static_cast<unsigned>(c);
  }
  EXPECT_FALSE(check_text("one line, é, 名前, \xf0\x9f\x98\x80", kOneLine));
}

TEST(CheckText, counts_bytes_and_minds_emptiness) {
  EXPECT_FALSE(check_text("", kAny));
  EXPECT_EQ(check_text("", {.max_bytes = 9, .may_be_empty = false})->fault, TextFault::kEmpty);
  EXPECT_FALSE(check_text("éé", {.max_bytes = 4}));
  EXPECT_EQ(check_text("éé", {.max_bytes = 3})->fault, TextFault::kTooLong);
}

TEST(TextError, says_what_is_wrong_without_showing_the_text) {
  EXPECT_EQ(check_text("12345678901234567\a", kAny)->describe(),
            "byte 17: a character that XML 1.0 does not allow (U+0007)");
  EXPECT_EQ(check_text("a\n", kOneLine)->describe(),
            "byte 1: a control character or line break, but this is one line (U+000A)");
  EXPECT_EQ(check_text("a\xff", kAny)->describe(), "byte 1: not UTF-8");
  EXPECT_EQ(check_text("abc", {.max_bytes = 2})->describe(), "byte 2: longer than is allowed");
}

TEST(Printable, replaces_what_could_break_a_line) {
  EXPECT_EQ(printable("a\nb\x1b[31m\xff\xc2\x85é\xed\xa0\x80", 100), "a?b?[31m??é???");
}

TEST(Printable, replaces_what_would_reverse_the_order_of_what_follows) {
  EXPECT_EQ(printable("a\u202eb\u202ac\u2066d\u2069", 100), "a?b?c?d?");
  EXPECT_EQ(printable("שלום\u200f!", 100), "שלום\u200f!");  // a letter's own direction stays
}

TEST(Printable, cuts_at_a_characters_boundary) {
  EXPECT_EQ(printable("ééé", 5), "éé");
  EXPECT_EQ(printable("ééé", 6), "ééé");
  EXPECT_EQ(printable("abc", 0), "");
}

TEST(Printable, makes_one_good_line_of_any_bytes) {
  SeededRandom random(11);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes(random.below(60), '\0');
    random.fill(std::as_writable_bytes(std::span(bytes)));
    const auto most = random.below(60);
    const auto shown = printable(bytes, most);
    ASSERT_LE(shown.size(), most);
    ASSERT_FALSE(check_text(shown, kOneLine));
  }
}

}  // namespace
}  // namespace rostrum
