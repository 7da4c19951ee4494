// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/log/line.hpp"

#include <limits>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/base/random.hpp"
#include "common/base/secret.hpp"
#include "common/base/text.hpp"

namespace rostrum::log {
namespace {

static_assert(!std::is_constructible_v<Field, std::string_view, Secret>, "a secret cannot be logged");
static_assert(!std::is_constructible_v<Field, std::string_view, const Secret&>);

// 2026-11-22T15:40:01.123Z
constexpr WallTime kTime = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + std::chrono::hours{15} +
                           std::chrono::minutes{40} + std::chrono::milliseconds{1123};

std::string write(Format format, const std::vector<Field>& fields) {
  return written({kTime, Level::kInfo, "gateway", "stream_opened", fields}, format);
}

std::string shown(std::string_view value) {
  const auto line = write(Format::kText, {{"value", value}});
  return line.substr(line.find("value=") + 6);
}

TEST(TextLine, is_for_people) {
  EXPECT_EQ(write(Format::kText,
                  {{"domain", "site.test"}, {"attempt", 1}, {"resumed", false}, {"wait_seconds", 1.5}}),
            "2026-11-22T15:40:01.123Z INFO gateway stream_opened domain=site.test attempt=1 resumed=false "
            "wait_seconds=1.5");
}

TEST(TextLine, quotes_what_is_not_one_word) {
  EXPECT_EQ(shown("plain-é_1/2@x"), "plain-é_1/2@x");
  EXPECT_EQ(shown(""), R"("")");
  EXPECT_EQ(shown("two words"), R"("two words")");
  EXPECT_EQ(shown("a=b"), R"("a=b")");
  EXPECT_EQ(shown("say \"x\\y\""), R"("say \"x\\y\"")");
}

TEST(TextLine, cannot_be_broken_by_a_hostile_value) {
  EXPECT_EQ(shown("x\n2026-01-01T00:00:00.000Z ERROR forged"),
            R"("x\u000a2026-01-01T00:00:00.000Z ERROR forged")");
  EXPECT_EQ(shown("\x1b[2J"), R"("\u001b[2J")");
  EXPECT_EQ(shown("a\xe2\x80\xa8z\xc2\x85"), R"("a\u2028z\u0085")");
  EXPECT_EQ(shown(std::string_view("a\0b", 3)), R"("a\u0000b")");
  EXPECT_EQ(shown("a\xff\xc0z"), "\"a\xef\xbf\xbd\xef\xbf\xbdz\"");
}

TEST(JsonLine, is_one_object) {
  const auto line = write(
      Format::kJson, {{"domain", "site.test"}, {"attempt", 7U}, {"resumed", true}, {"wait_seconds", 0.25}});
  EXPECT_EQ(
      line,
      R"({"time":"2026-11-22T15:40:01.123Z","level":"info","service":"gateway","event":"stream_opened",)"
      R"("domain":"site.test","attempt":7,"resumed":true,"wait_seconds":0.25})");
}

TEST(JsonLine, names_every_level) {
  for (const auto& [level, name] : {std::pair(Level::kDebug, "debug"),
                                    {Level::kInfo, "info"},
                                    {Level::kWarning, "warning"},
                                    {Level::kError, "error"}}) {
    EXPECT_EQ(nlohmann::json::parse(written({kTime, level, "s", "e", {}}, Format::kJson))["level"], name);
  }
}

TEST(JsonLine, has_no_number_that_json_does_not_know) {
  const auto line = write(Format::kJson, {{"a", std::numeric_limits<double>::quiet_NaN()},
                                          {"b", std::numeric_limits<double>::infinity()}});
  const auto parsed = nlohmann::json::parse(line);
  EXPECT_TRUE(parsed["a"].is_null());
  EXPECT_TRUE(parsed["b"].is_null());
}

TEST(JsonLine, bounds_a_value_and_says_that_it_was_cut) {
  const auto value_of = [](const std::string& text) {
    return nlohmann::json::parse(write(Format::kJson, {{"v", text}}))["v"].get<std::string>();
  };
  EXPECT_EQ(value_of(std::string(1024, 'x')), std::string(1024, 'x'));
  EXPECT_EQ(value_of(std::string(1025, 'x')), std::string(1024, 'x') + "…");
  EXPECT_EQ(value_of(std::string(1023, 'x') + "éé"), std::string(1023, 'x') + "…");
}

TEST(JsonLine, stays_one_good_line_whatever_the_bytes_are) {
  SeededRandom random(9);
  for (int round = 0; round < 500; ++round) {
    std::string bytes(random.below(1200), '\0');
    random.fill(std::as_writable_bytes(std::span(bytes)));
    const auto json = write(Format::kJson, {{"value", bytes}, {"after", "here"}});
    ASSERT_FALSE(check_text(json, {.max_bytes = 20000, .one_line = true}));
    ASSERT_EQ(nlohmann::json::parse(json)["after"], "here");
    ASSERT_FALSE(
        check_text(write(Format::kText, {{"value", bytes}}), {.max_bytes = 20000, .one_line = true}));
  }
}

}  // namespace
}  // namespace rostrum::log
