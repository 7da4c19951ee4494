// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdio>

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"
#include "tests/unit/clients/cli/call.hpp"

namespace rostrum::cli {
namespace {

/// A real bash that has read the script and is asked to complete the last of some words.
class Completion : public ::testing::Test {
 protected:
  Completion() {
    const auto called = call({"completion", "bash"});
    EXPECT_EQ(called.exit_code, 0) << called.err;
    folder_.write("script", called.out);
    folder_.write("members.csv", "");
    folder_.write("a file with blanks.csv", "");
  }

  /// What it offers, a word a line.
  std::string offered(const std::vector<std::string>& words) {
    std::string line = "cd " + folder_.path().string() + " && source ./script && COMP_WORDS=(";
    for (const auto& word : words) line += "'" + word + "' ";
    line += ") COMP_CWORD=" + std::to_string(words.size() - 1) +
            " && _rostrum && printf '%s\\n' \"${COMPREPLY[@]}\"";
    folder_.write("words", line + "\n");
    // NOLINTNEXTLINE(cert-env33-c): a shell is what is tested
    FILE* const pipe = ::popen(("bash --norc " + folder_.path_of("words") + " 2>&1").c_str(), "r");
    std::string answer;
    std::array<char, 4'096> piece{};
    for (std::size_t got = 0; (got = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;)
      answer.append(piece.data(), got);
    EXPECT_EQ(::pclose(pipe), 0) << answer;
    return answer;
  }

  test::TemporaryFolder folder_;
};

TEST_F(Completion, offers_commands) {
  EXPECT_EQ(offered({"rostrum", "m"}), "migrate\nmember\n");
  EXPECT_EQ(offered({"rostrum", "member", ""}),
            "add\nremove\nshow\nlist\nimport\n--help\n--config\n--json\n");
  EXPECT_EQ(offered({"rostrum", "--json", "noti"}), "notice\n");
}

TEST_F(Completion, offers_a_commands_options_and_those_of_all) {
  EXPECT_EQ(offered({"rostrum", "watch", "--"}), "--help\n--group\n--member\n--config\n--json\n");
  EXPECT_EQ(offered({"rostrum", "member", "list", "--st"}), "--state\n");
}

TEST_F(Completion, offers_the_words_an_option_takes) {
  EXPECT_EQ(offered({"rostrum", "who", "--state", "o"}), "online\noffline\n");
  EXPECT_EQ(offered({"rostrum", "who", "--state", "=", "un"}), "unknown\n");
  EXPECT_EQ(offered({"rostrum", "who", "--state", "="}), "online\noffline\nunknown\nall\n");
  EXPECT_EQ(offered({"rostrum", "keygen", "gateway", "--role", "g"}), "gateway\n");
  EXPECT_EQ(offered({"rostrum", "completion", "b"}), "bash\n");
}

TEST_F(Completion, offers_files_where_a_file_is_wanted) {
  EXPECT_EQ(offered({"rostrum", "--config", "mem"}), "members.csv\n");
  EXPECT_EQ(offered({"rostrum", "member", "import", "a"}), "a file with blanks.csv\n");
  EXPECT_EQ(offered({"rostrum", "member", "import", "members.csv", "--dr"}), "--dry-run\n");
}

TEST_F(Completion, offers_nothing_that_only_the_site_knows) {
  EXPECT_EQ(offered({"rostrum", "who", "--group", ""}), "\n");
}

TEST(CompletionCommand, knows_its_shells) {
  EXPECT_EQ(call({"completion", "fish"}).exit_code, 2);
  EXPECT_EQ(call({"completion"}).exit_code, 2);
}

}  // namespace
}  // namespace rostrum::cli
