// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/width.hpp"

#include <gtest/gtest.h>

namespace rostrum::cli {
namespace {

TEST(Width, counts_columns_and_not_bytes_nor_characters) {
  EXPECT_EQ(width_of("Zoë"), 3U);
  EXPECT_EQ(width_of("Zoe\u0308"), 3U);           // an accent that combines
  EXPECT_EQ(width_of("会議中"), 6U);              // East Asian wide
  EXPECT_EQ(width_of("ｶﾅ"), 2U);                  // East Asian half width
  EXPECT_EQ(width_of("각"), 2U);                  // a Hangul syllable …
  EXPECT_EQ(width_of("\u1100\u1161\u11a8"), 2U);  // … and the same one in its parts
  EXPECT_EQ(width_of("😀"), 2U);
  EXPECT_EQ(width_of("a\u200bb"), 2U);  // zero width space
  EXPECT_EQ(width_of("שלום"), 4U);
  EXPECT_EQ(width_of(""), 0U);
}

TEST(Width, counts_a_byte_that_is_not_utf8_as_one_column) {
  EXPECT_EQ(width_of("a\xff\xfe"), 3U);
  EXPECT_EQ(width_of("\xe4\xbc"), 2U);
}

TEST(Width, does_not_depend_on_the_users_locale) {
  const char* const before = std::setlocale(LC_ALL, "C");  // NOLINT(concurrency-mt-unsafe): one thread
  ASSERT_NE(before, nullptr);
  EXPECT_EQ(width_of("会"), 2U);
}

TEST(Cut, leaves_room_for_the_mark_and_never_halves_a_character) {
  EXPECT_EQ(cut("abcdef", 6), "abcdef");
  EXPECT_EQ(cut("abcdef", 5), "abcd…");
  EXPECT_EQ(cut("会議中です", 6), "会議…");  // 会議 are 4, a half 中 would be the fifth
  EXPECT_EQ(cut("e\u0301tude", 3), "e\u0301t…");
  EXPECT_EQ(cut("会議", 1), "…");
}

TEST(Unstacked, keeps_a_few_accents_on_a_character_and_not_a_tower) {
  EXPECT_EQ(unstacked("e\u0301"), "e\u0301");
  std::string tower = "e";
  for (int i = 0; i < 100; ++i) tower += "\u0301";
  EXPECT_EQ(unstacked(tower + "x"), "e\u0301\u0301\u0301\u0301x");
}

}  // namespace
}  // namespace rostrum::cli
