// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/common/config/loaded.hpp"

namespace rostrum::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Section, reads_every_kind) {
  Loaded loaded(R"([a]
text = "two words, é"
word = "loud"
integer = -5
wait_ms = 1500
flag = true
list = ["x", "y, z"]
none = []
)");
  auto section = loaded.config.section("a");
  EXPECT_EQ(section.text("text", std::nullopt, "-"), "two words, é");
  EXPECT_EQ(section.one_of("word", {"quiet", "loud"}, std::nullopt, "-"), "loud");
  EXPECT_EQ(section.integer("integer", -10, 10, std::nullopt, "-"), -5);
  EXPECT_EQ(section.duration("wait_ms", Milliseconds{0}, Milliseconds{5000}, std::nullopt, "-"),
            Milliseconds{1500});
  EXPECT_TRUE(section.flag("flag", std::nullopt, "-"));
  EXPECT_THAT(section.texts("list", std::nullopt, "-"), ElementsAre("x", "y, z"));
  EXPECT_THAT(section.texts("none", std::vector<std::string>{"x"}, "-"), IsEmpty());
  EXPECT_THAT(loaded.mistakes(), IsEmpty());
}

TEST(Section, gives_the_default_where_nothing_is_written) {
  Loaded loaded("");
  auto section = loaded.config.section("a");
  EXPECT_EQ(section.text("text", "t", "-"), "t");
  EXPECT_EQ(section.integer("integer", 0, 9, 7, "-"), 7);
  EXPECT_TRUE(section.flag("flag", true, "-"));
  EXPECT_THAT(section.texts("list", std::vector<std::string>{"x"}, "-"), ElementsAre("x"));
  EXPECT_THAT(loaded.mistakes(), IsEmpty());
}

TEST(Section, says_what_is_allowed_where_the_kind_is_wrong) {
  Loaded loaded(R"([a]
word = "shrill"
integer = "5"
number = 1.5
wait_ms = 0
flag = "true"
list = "x"
mixed = ["x", 1]
gap = ["x", ""]
none = []
text = "a\u0007b"
)");
  auto section = loaded.config.section("a");
  EXPECT_EQ(section.one_of("word", {"quiet", "loud"}, "quiet", "-"), "quiet");
  (void)section.integer("integer", 0, 9, std::nullopt, "-");
  (void)section.integer("number", 0, 9, std::nullopt, "-");
  (void)section.duration("wait_ms", Milliseconds{1}, Milliseconds{9}, std::nullopt, "-");
  (void)section.flag("flag", std::nullopt, "-");
  for (const auto* key : {"list", "mixed", "gap", "none"}) (void)section.texts(key, std::nullopt, "-");
  (void)section.text("text", std::nullopt, "-");
  EXPECT_THAT(
      loaded.mistakes(),
      ElementsAre(
          "rostrum.toml:2: [a] word: \"shrill\" is none of them; allowed: quiet, loud",
          "rostrum.toml:3: [a] integer: must be a whole number, without quotes; allowed: integer 0..9",
          "rostrum.toml:4: [a] number: must be a whole number, without quotes; allowed: integer 0..9",
          "rostrum.toml:5: [a] wait_ms: 0 is out of range; allowed: milliseconds 1..9",
          "rostrum.toml:6: [a] flag: must be true or false, without quotes; allowed: true, false",
          "rostrum.toml:7: [a] list: must be a list of texts, [\"…\", \"…\"]; allowed: list of texts",
          "rostrum.toml:8: [a] mixed: must be a list of texts, [\"…\", \"…\"]; allowed: list of texts",
          "rostrum.toml:9: [a] gap: has an empty entry; allowed: list of texts",
          "rostrum.toml:10: [a] none: must have at least one entry; allowed: list of texts",
          "rostrum.toml:11: [a] text: byte 1: a character that XML 1.0 does not allow (U+0007); allowed: "
          "text"));
}

TEST(Section, asks_the_check_of_the_caller) {
  Loaded loaded("[a]\ngood = \"even\"\nbad = \"odd\"\n");
  auto section = loaded.config.section("a");
  const auto check = [](const std::string& value) {
    return value == "even" ? std::nullopt : std::optional<std::string>("must be even");
  };
  EXPECT_EQ(section.checked("good", std::nullopt, "even text", "-", check), "even");
  EXPECT_EQ(section.checked("bad", "default", "even text", "-", check), "default");
  EXPECT_THAT(loaded.mistakes(),
              ElementsAre("rostrum.toml:3: [a] bad: \"odd\": must be even; allowed: even text"));
}

TEST(Section, takes_mistakes_of_the_caller_to_the_line_of_the_option) {
  Loaded loaded("[a]\n\nlow = 5\n");
  auto section = loaded.config.section("a");
  (void)section.integer("low", 0, 9, std::nullopt, "-");
  section.mistake("low", "is above high");
  EXPECT_THAT(loaded.mistakes(), ElementsAre("rostrum.toml:3: [a] low: is above high"));
}

}  // namespace
}  // namespace rostrum::config
