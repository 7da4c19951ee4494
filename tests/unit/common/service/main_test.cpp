// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/service/main.hpp"

#include <csignal>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "tests/support/temporary_folder.hpp"

namespace rostrum::service {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Settings {
  std::string listen;
  Secret unused;  // settings need not be copyable
};

Program<Settings> program() {
  return {.name = "rostrum-test",
          .summary = "tests",
          .read =
              [](config::Config& config) {
                auto section = config.section("test");
                return Settings{section.text("listen", std::nullopt, "Where."), {}};
              },
          .run = [](Settings settings) { return settings.listen == "here" ? 0 : 9; }};
}

struct Ended {
  int exit_code;
  std::string out;
  std::string err;
};

Ended run(std::vector<std::string> words, const Program<Settings>& what = program()) {
  words.insert(words.begin(), "rostrum-test");
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int exit_code = service::run(static_cast<int>(arguments.size()), arguments.data(), what);
  return {exit_code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

class Main : public testing::Test {
 protected:
  test::TemporaryFolder folder_;
  std::string good_ = folder_.write("good.toml", "[test]\nlisten = \"here\"\n");
  std::string bad_ = folder_.write("bad.toml", "[test]\nlistn = \"here\"\n");
};

TEST_F(Main, runs_with_a_good_configuration_and_returns_its_exit_code) {
  EXPECT_EQ(run({"--config", good_}).exit_code, 0);
  EXPECT_EQ(run({"--config", folder_.write("other.toml", "[test]\nlisten = \"there\"\n")}).exit_code, 9);
}

TEST_F(Main, says_that_a_configuration_is_good) {
  const auto ended = run({"--config", good_, "--check-config"});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_EQ(ended.out, good_ + " is good\n");
  EXPECT_EQ(ended.err, "");
}

TEST_F(Main, lists_every_mistake_and_does_not_run) {
  for (const auto& words :
       {std::vector<std::string>{"--config", bad_}, {"--config", bad_, "--check-config"}}) {
    const auto ended = run(words);
    EXPECT_EQ(ended.exit_code, 2);
    EXPECT_EQ(ended.out, "");
    EXPECT_EQ(ended.err, bad_ + ":1: [test] listen: missing; required: text\n" + bad_ +
                             ":2: [test] listn: unknown option; did you mean listen?\n");
  }
}

TEST_F(Main, prints_the_reference_without_a_configuration) {
  const auto ended = run({"--config-reference"});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_THAT(ended.out, HasSubstr("| `[test]` | `listen` | text | required | Where. |\n"));
}

TEST_F(Main, answers_help_and_version) {
  EXPECT_THAT(run({"--help"}).out, StartsWith("rostrum-test: tests\n"));
  EXPECT_THAT(run({"--version"}).out, testing::MatchesRegex("rostrum-test [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST_F(Main, explains_a_wrong_command_line) {
  const auto ended = run({"--bogus\n"});
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_EQ(ended.err, "rostrum-test: unknown option --bogus?; see rostrum-test --help\n");
}

TEST_F(Main, turns_an_exception_into_one_line) {
  auto broken = program();
  broken.run = [](Settings) -> int { throw std::runtime_error("cannot listen on\n127.0.0.1:1"); };
  const auto ended = run({"--config", good_}, broken);
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_EQ(ended.err, "rostrum-test: cannot listen on?127.0.0.1:1\n");
}

TEST_F(Main, ignores_broken_pipes_and_leaves_no_core) {
  run({"--version"});
  EXPECT_EQ(std::signal(SIGPIPE, SIG_IGN), SIG_IGN);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_CORE, &limit), 0);
  EXPECT_LE(limit.rlim_cur, 1U);
  EXPECT_LE(limit.rlim_max, 1U);
}

TEST_F(Main, may_open_more_descriptors_than_the_usual_limit_allows) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  before.rlim_cur = 256;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  run({"--version"});
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_GT(limit.rlim_cur, 256U);
}

}  // namespace
}  // namespace rostrum::service
