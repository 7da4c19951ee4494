// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/unit/clients/cli/call.hpp"

namespace rostrum::cli {
namespace {

const std::vector<std::vector<std::string>> kCommands{
    {},
    {"migrate"},
    {"keygen"},
    {"key"},
    {"key", "list"},
    {"key", "grant"},
    {"key", "revoke"},
    {"member"},
    {"member", "add"},
    {"member", "remove"},
    {"member", "show"},
    {"member", "list"},
    {"member", "import"},
    {"group"},
    {"group", "add"},
    {"group", "remove"},
    {"group", "show"},
    {"group", "list"},
    {"announce"},
    {"alert"},
    {"notice"},
    {"notice", "show"},
    {"notice", "list"},
    {"dead"},
    {"dead", "list"},
    {"dead", "show"},
    {"dead", "replay"},
    {"dead", "drop"},
    {"who"},
    {"watch"},
    {"timeline"},
    {"check"},
    {"completion"},
};

std::string all_help() {
  std::string all;
  for (auto words : kCommands) {
    std::string line = "rostrum";
    for (const auto& word : words) line += " " + word;
    words.emplace_back("--help");
    const auto called = call(words);
    EXPECT_EQ(called.exit_code, 0) << line;
    all += "$ " + line + " --help\n" + called.out + "\n";
  }
  return all;
}

/// To take a wanted change over: ROSTRUM_UPDATE_GOLDEN=1 and run this test.
TEST(Help, is_as_it_was_agreed) {
  const std::string path = ROSTRUM_HELP_GOLDEN;
  const std::string help = all_help();
  const char* const update =
      std::getenv("ROSTRUM_UPDATE_GOLDEN");  // NOLINT(concurrency-mt-unsafe): one thread
  if (update != nullptr) std::ofstream(path) << help;
  std::ifstream file(path);
  std::ostringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(help, golden.str());
}

TEST(Help, has_examples_and_exit_codes_for_every_command) {
  for (const auto& words : kCommands) {
    auto with_help = words;
    with_help.emplace_back("--help");
    const std::string help = call(with_help).out;
    EXPECT_NE(help.find("Exit codes:"), std::string::npos) << help;
    const bool family =
        words.size() == 1 && (words[0] == "member" || words[0] == "group" || words[0] == "notice" ||
                              words[0] == "key" || words[0] == "dead");
    EXPECT_TRUE(family || help.find("Examples:\n  ") != std::string::npos) << help;
  }
}

}  // namespace
}  // namespace rostrum::cli
