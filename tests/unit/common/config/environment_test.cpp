// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/common/config/loaded.hpp"

namespace rostrum::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Environment, wins_over_the_file) {
  Loaded loaded(
      "[gateway.sender]\nlisten = \"file\"\nrate = 1\nquiet = false\npeers = [\"a\"]\nwait_ms = 1\n",
      {{"ROSTRUM_GATEWAY_SENDER_LISTEN", "environment"},
       {"ROSTRUM_GATEWAY_SENDER_RATE", "2"},
       {"ROSTRUM_GATEWAY_SENDER_QUIET", "true"},
       {"ROSTRUM_GATEWAY_SENDER_PEERS", "b, c"},
       {"ROSTRUM_GATEWAY_SENDER_WAIT_MS", "20"}});
  auto section = loaded.config.section("gateway.sender");
  EXPECT_EQ(section.text("listen", std::nullopt, "Where."), "environment");
  EXPECT_EQ(section.integer("rate", 1, 9, std::nullopt, "Rate."), 2);
  EXPECT_TRUE(section.flag("quiet", std::nullopt, "Quiet."));
  EXPECT_THAT(section.texts("peers", std::nullopt, "Peers."), ElementsAre("b", "c"));
  EXPECT_EQ(section.duration("wait_ms", Milliseconds{1}, Milliseconds{99}, std::nullopt, "Wait."),
            Milliseconds{20});
  EXPECT_THAT(loaded.mistakes(), IsEmpty());
}

TEST(Environment, is_enough_without_a_file) {
  auto config = Config::load("", {{"ROSTRUM_GATEWAY_LISTEN", "here"}});
  auto section = config.section("gateway");
  EXPECT_EQ(section.text("listen", std::nullopt, "Where."), "here");
  (void)section.text("http", std::nullopt, "Where.");
  ASSERT_EQ(config.mistakes().size(), 1U);
  EXPECT_EQ(config.mistakes()[0].where, "ROSTRUM_GATEWAY_HTTP");
}

TEST(Environment, is_read_as_strictly_as_the_file) {
  Loaded loaded("", {{"ROSTRUM_GATEWAY_RATE", "2x"},
                     {"ROSTRUM_GATEWAY_MANY", "100"},
                     {"ROSTRUM_GATEWAY_QUIET", "yes"},
                     {"ROSTRUM_GATEWAY_NAME", "a\nb"}});
  auto section = loaded.config.section("gateway");
  EXPECT_EQ(section.integer("rate", 1, 9, 5, "Rate."), 5);
  EXPECT_EQ(section.integer("many", 1, 9, 5, "Many."), 5);
  EXPECT_FALSE(section.flag("quiet", false, "Quiet."));
  EXPECT_EQ(section.text("name", "default", "Name."), "default");
  EXPECT_THAT(
      loaded.mistakes(),
      ElementsAre(
          "ROSTRUM_GATEWAY_RATE: [gateway] rate: \"2x\" is not a whole number; allowed: integer 1..9",
          "ROSTRUM_GATEWAY_MANY: [gateway] many: 100 is out of range; allowed: integer 1..9",
          "ROSTRUM_GATEWAY_QUIET: [gateway] quiet: \"yes\" is neither true nor false; allowed: true, false",
          "ROSTRUM_GATEWAY_NAME: [gateway] name: byte 1: a control character or line break, but this is one "
          "line (U+000A); allowed: text"));
}

TEST(Environment, has_no_unknown_options_of_known_sections) {
  Loaded loaded("",
                {{"ROSTRUM_GATEWAY_LISTN", "x"}, {"ROSTRUM_WEB_ANYTHING", "x"}, {"ROSTRUM_TEST_SEED", "1"}});
  (void)loaded.config.section("gateway").text("listen", "", "Where.");
  loaded.config.ignore_section("web");
  EXPECT_THAT(loaded.mistakes(),
              ElementsAre("ROSTRUM_GATEWAY_LISTN: unknown option; did you mean ROSTRUM_GATEWAY_LISTEN?"));
}

TEST(Environment, belongs_to_the_section_with_the_longest_name) {
  Loaded loaded("", {{"ROSTRUM_GATEWAY_SENDER_ANYTHING", "x"}});
  (void)loaded.config.section("gateway").text("listen", "", "Where.");
  loaded.config.ignore_section("gateway.sender");
  EXPECT_THAT(loaded.mistakes(), IsEmpty());
}

TEST(Environment, is_that_of_the_process) {
  ::setenv("ROSTRUM_CONFIG_TEST", "a=b", 1);
  const auto environment = Config::process_environment();
  ::unsetenv("ROSTRUM_CONFIG_TEST");
  EXPECT_EQ(environment.at("ROSTRUM_CONFIG_TEST"), "a=b");
  for (const auto& [name, value] : environment) EXPECT_TRUE(name.starts_with("ROSTRUM_")) << name;
}

}  // namespace
}  // namespace rostrum::config
