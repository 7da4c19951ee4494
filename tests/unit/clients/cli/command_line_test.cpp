// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"
#include "tests/unit/clients/cli/call.hpp"

namespace rostrum::cli {
namespace {

constexpr int kUsage = 2;

/// Every line of an error begins with the program's name, and none says more than the caller should see.
void expect_complaint(const Called& called, int exit_code, const std::string& about) {
  EXPECT_EQ(called.exit_code, exit_code) << called.err;
  EXPECT_EQ(called.out, "");
  EXPECT_EQ(called.err.rfind("rostrum: ", 0), 0U) << called.err;
  EXPECT_NE(called.err.find(about), std::string::npos) << called.err;
}

TEST(CommandLine, says_its_version) {
  const auto called = call({"--version"});
  EXPECT_EQ(called.exit_code, 0);
  EXPECT_EQ(called.out, "rostrum " ROSTRUM_VERSION "\n");
}

TEST(CommandLine, wants_a_command) {
  expect_complaint(call({}), kUsage, "subcommand");
}

TEST(CommandLine, names_what_is_missing_or_unknown) {
  expect_complaint(call({"member", "add", "anna"}), kUsage, "--jid");
  expect_complaint(call({"member", "list", "--state", "asleep"}), kUsage, "asleep");
  expect_complaint(call({"announce", "--all", "--expires-in", "tomorrow", "text"}), kUsage, "not a duration");
  expect_complaint(call({"group", "add", "editors", "--title", "x", "--revision", "0"}), kUsage,
                   "--revision");
  expect_complaint(call({"notice", "show", "seven"}), kUsage, "seven");
}

TEST(CommandLine, wants_exactly_one_audience) {
  expect_complaint(call({"announce", "text"}), kUsage, "to whom");
  expect_complaint(call({"announce", "--all", "--group", "editors", "text"}), kUsage, "to whom");
  expect_complaint(call({"alert", "--member", "anna", "--group", "editors", "text"}), kUsage, "to whom");
}

TEST(CommandLine, takes_one_value_after_each_group_so_that_the_text_may_follow) {
  expect_complaint(call({"announce", "--group", "editors", "--group", "printers", "the text"}), kUsage,
                   "source_key");
}

TEST(CommandLine, says_which_key_of_the_configuration_a_command_needs) {
  test::TemporaryFolder directory;
  directory.write("rostrum.toml", "[cli]\n");
  const std::string empty = directory.path_of("rostrum.toml");
  expect_complaint(call({"--config", empty, "migrate"}), kUsage, "owner_database");
  expect_complaint(call({"--config", empty, "member", "list"}), kUsage, "[cli] database");
  expect_complaint(call({"member", "remove", "anna", "--config", empty}), kUsage, "source_key");
}

TEST(CommandLine, reports_every_mistake_of_the_configuration_at_once) {
  test::TemporaryFolder directory;
  directory.write("rostrum.toml", "[cli]\ndatabse = \"x\"\nregistration = 7\n");
  const std::string file = directory.path_of("rostrum.toml");
  const auto called = call({"--config", file, "migrate"});
  expect_complaint(called, kUsage, ":2");
  expect_complaint(called, kUsage, ":3");
}

TEST(CommandLine, takes_the_configuration_file_from_the_environment) {
  test::TemporaryFolder directory;
  directory.write("other.toml", "[cli]\nnonsense = 1\n");
  const std::string file = directory.path_of("other.toml");
  expect_complaint(call({"migrate"}, {}, {{"ROSTRUM_CONFIG", file}}), kUsage, "other.toml:2");
}

TEST(CommandLine, tells_an_unreachable_database_from_a_wrong_command_line) {
  test::TemporaryFolder directory;
  directory.write("rostrum.toml", "[cli]\ndatabase = \"host=/nowhere dbname=rostrum\"\n");
  const std::string file = directory.path_of("rostrum.toml");
  expect_complaint(call({"--config", file, "member", "list"}), 4, "cannot reach the database");
}

TEST(CommandLine, makes_what_it_quotes_harmless) {
  const auto called = call({"notice", "show", "\x1b[2J\xff"});
  EXPECT_EQ(called.err.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace rostrum::cli
