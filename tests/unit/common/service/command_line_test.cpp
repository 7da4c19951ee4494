// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/service/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rostrum::service {
namespace {

CommandLine parsed(const std::vector<std::string>& words) {
  return parse_command_line(words).value();
}
std::string refused(const std::vector<std::string>& words) {
  return parse_command_line(words).error().what;
}

TEST(CommandLine, runs_with_the_file_it_is_given) {
  EXPECT_EQ(parsed({}).task, Task::kRun);
  EXPECT_EQ(parsed({}).config_path, "");
  EXPECT_EQ(parsed({"--config", "a.toml"}).config_path, "a.toml");
  EXPECT_EQ(parsed({"--config=a.toml"}).config_path, "a.toml");
}

TEST(CommandLine, has_one_task) {
  EXPECT_EQ(parsed({"--config", "a.toml", "--check-config"}).task, Task::kCheck);
  EXPECT_EQ(parsed({"--check-config", "--config", "a.toml"}).config_path, "a.toml");
  EXPECT_EQ(parsed({"--config-reference"}).task, Task::kReference);
  EXPECT_EQ(parsed({"--version"}).task, Task::kVersion);
  EXPECT_EQ(parsed({"-h", "--help"}).task, Task::kHelp);
  EXPECT_EQ(refused({"--version", "--help"}), "--help contradicts what was asked before");
}

TEST(CommandLine, refuses_what_it_does_not_know) {
  EXPECT_EQ(refused({"--config"}), "--config needs a file");
  EXPECT_EQ(refused({"--conf", "x"}), "unknown option --conf");
  EXPECT_EQ(refused({"start"}), "unknown option start");
}

TEST(Help, shows_what_there_is_with_an_example) {
  const auto text = help("rostrum-gateway", "speaks XMPP");
  for (const auto* part : {"rostrum-gateway: speaks XMPP", "--config FILE", "--check-config",
                           "--config-reference", "--version", "Example:", "Exit codes:"}) {
    EXPECT_THAT(text, testing::HasSubstr(part));
  }
}

}  // namespace
}  // namespace rostrum::service
