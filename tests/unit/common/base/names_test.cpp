// SPDX-License-Identifier: Apache-2.0
#include "common/base/names.hpp"

#include <type_traits>

#include <gtest/gtest.h>

namespace rostrum {
namespace {

static_assert(!std::is_constructible_v<MemberId, std::string>, "only parse() makes one");
static_assert(!std::is_convertible_v<MemberId, GroupId> && !std::is_convertible_v<GroupId, MemberId>);

TEST(Name, takes_one_line_of_any_script) {
  for (const auto* text : {"4711", "u-1/é", "имя", "名前", " spaces stay "}) {
    const auto name = MemberId::parse(text);
    ASSERT_TRUE(name) << text;
    EXPECT_EQ(name.value().text(), text);
  }
}

TEST(Name, is_1_to_256_bytes_long) {
  EXPECT_EQ(MemberId::parse("").error().fault, TextFault::kEmpty);
  EXPECT_TRUE(MemberId::parse(std::string(256, 'x')));
  EXPECT_EQ(MemberId::parse(std::string(257, 'x')).error().fault, TextFault::kTooLong);
}

TEST(Name, has_no_line_break_nor_control_character) {
  for (const auto* text : {"a\nb", "a\tb", "a\x7f", "a\xc2\x85", "a\xe2\x80\xa8"}) {
    EXPECT_EQ(GroupId::parse(text).error().fault, TextFault::kForbiddenCharacter) << text;
  }
}

TEST(Name, orders_by_bytes) {
  EXPECT_LT(GroupId::parse("a").value(), GroupId::parse("b").value());
}

}  // namespace
}  // namespace rostrum
