// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/config/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"
#include "tests/unit/common/config/loaded.hpp"

namespace rostrum::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Config, collects_all_mistakes_in_the_order_of_the_lines) {
  Loaded loaded(R"(# our site
[gateway]
listen = 5
lisen = "typo"
rate = 0

[gatway]
rate = 1
)");
  auto section = loaded.config.section("gateway");
  EXPECT_EQ(section.integer("rate", 1, 100, 10, "Rate."), 10);
  EXPECT_EQ(section.text("listen", std::nullopt, "Where."), "");
  EXPECT_EQ(section.text("name", std::nullopt, "Who."), "");
  EXPECT_THAT(loaded.mistakes(),
              ElementsAre("rostrum.toml:2: [gateway] name: missing; required: text",
                          "rostrum.toml:3: [gateway] listen: must be a text, in quotes; allowed: text",
                          "rostrum.toml:4: [gateway] lisen: unknown option; did you mean listen?",
                          "rostrum.toml:5: [gateway] rate: 0 is out of range; allowed: integer 1..100",
                          "rostrum.toml:7: [gatway]: unknown section; did you mean gateway?"));
}

TEST(Config, that_others_may_write_is_a_mistake_with_the_command_that_mends_it) {
  const rostrum::test::TemporaryFolder folder;
  for (const mode_t mode : {0664U, 0646U}) {
    const auto path = folder.write("rostrum.toml", "[gateway]\n", mode);
    auto config = Config::load(path, {});
    (void)config.section("gateway");
    ASSERT_EQ(config.mistakes().size(), 1U);
    EXPECT_EQ(config.mistakes()[0].where, path);
    EXPECT_THAT(config.mistakes()[0].what, HasSubstr("chmod go-w " + path));
  }
  auto config = Config::load(folder.write("rostrum.toml", "[gateway]\n", 0644), {});
  (void)config.section("gateway");
  EXPECT_THAT(config.mistakes(), IsEmpty());
}

TEST(Config, names_what_is_known_where_nothing_is_near) {
  Loaded loaded("[gateway]\nzzz = 1\n");
  auto section = loaded.config.section("gateway");
  (void)section.text("listen", "", "Where.");
  (void)section.text("http", "", "Where.");
  EXPECT_THAT(loaded.mistakes(),
              ElementsAre("rostrum.toml:2: [gateway] zzz: unknown option; known: listen, http"));
}

TEST(Config, points_to_the_file_where_a_required_section_is_missing) {
  Loaded loaded("");
  (void)loaded.config.section("gateway").text("listen", std::nullopt, "Where.");
  EXPECT_THAT(loaded.mistakes(), ElementsAre("rostrum.toml: [gateway] listen: missing; required: text"));
}

TEST(Config, leaves_the_sections_of_other_programs_alone) {
  Loaded loaded("[web]\na = 1\n[web.chat]\nb = 2\n[webmail]\nc = 3\n");
  (void)loaded.config.section("gateway");
  loaded.config.ignore_section("web");
  EXPECT_THAT(loaded.mistakes(), ElementsAre("rostrum.toml:5: [webmail]: unknown section; known: gateway"));
}

TEST(Config, reads_sections_below_sections) {
  Loaded loaded("[gateway.sender]\nrate = 5\n");
  EXPECT_EQ(loaded.config.section("gateway.sender").integer("rate", 1, 9, std::nullopt, "Rate."), 5);
  EXPECT_THAT(loaded.mistakes(), IsEmpty());
}

TEST(Config, wants_every_value_below_a_header) {
  Loaded loaded("rate = 5\n");
  EXPECT_THAT(loaded.mistakes(), ElementsAre("rostrum.toml:1: rate: stands outside of every [section]"));
}

TEST(Config, reports_a_file_that_is_no_toml_once_and_with_its_line) {
  Loaded loaded("[gateway]\nlisten = \"a\"\nrate 5\n");
  (void)loaded.config.section("gateway").text("listen", std::nullopt, "Where.");
  const auto mistakes = loaded.mistakes();
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_THAT(mistakes[0], testing::StartsWith("rostrum.toml:3: not TOML: "));
}

TEST(Config, survives_whatever_the_file_holds) {
  for (const auto* toml : {"[", "a = ", "[a]\n[a]\n", "a = 99999999999999999999999999", "a = \"\\x\"",
                           "\xff\xfe", "a = [1, \"b\"]", "[[a]]\nb = 1\n", "[a]\nb = 1\nb = 2\n",
                           "a = 1979-05-27T07:32:00Z", "[a.b]\n[a]\nb = 1\n"}) {
    Loaded loaded(toml);
    (void)loaded.config.section("gateway").text("listen", "", "Where.");
    EXPECT_FALSE(loaded.mistakes().empty()) << toml;
  }
}

TEST(Config, reports_a_file_that_is_not_there) {
  const auto config = Config::load("/nonexistent/rostrum.toml", {});
  ASSERT_EQ(config.mistakes().size(), 1U);
  EXPECT_EQ(config.mistakes()[0].where, "/nonexistent/rostrum.toml");
  EXPECT_THAT(config.mistakes()[0].what, HasSubstr("No such file"));
}

TEST(Config, is_not_hung_up_by_a_folder_or_an_enormous_file) {
  const test::TemporaryFolder folder;
  EXPECT_THAT(Config::load(folder.path().string(), {}).mistakes()[0].what, HasSubstr("not an ordinary file"));
  const auto big = folder.write("big.toml", std::string(1024 * 1024 + 1, '#'));
  EXPECT_THAT(Config::load(big, {}).mistakes()[0].what, HasSubstr("larger than 1048576 bytes"));
}

}  // namespace
}  // namespace rostrum::config
