// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/config/reference.hpp"

#include <gtest/gtest.h>

namespace rostrum::config {
namespace {

TEST(Reference, lists_every_option_once_as_the_code_reads_it) {
  auto config = Config::reference();
  auto section = config.section("gateway");
  EXPECT_EQ(section.text("listen", "tcp://127.0.0.1:5573", "Where | how."), "tcp://127.0.0.1:5573");
  (void)section.text("listen", "again", "Asked twice.");
  EXPECT_EQ(section.one_of("level", {"info", "error"}, "info", "Level."), "info");
  EXPECT_EQ(section.integer("rate", 1, 9, std::nullopt, "Rate."), 0);
  EXPECT_EQ(section.duration("wait_ms", Milliseconds{1}, Milliseconds{60000}, Milliseconds{250}, "Wait."),
            Milliseconds{250});
  EXPECT_FALSE(section.flag("quiet", false, "Quiet."));
  (void)section.texts("peers", std::vector<std::string>{"a", "b"}, "Peers.");
  EXPECT_EQ(section.file("ca", "/nonexistent", "CA."), "/nonexistent");
  EXPECT_TRUE(section.secret_file("password_file", std::nullopt, "Password.").empty());
  EXPECT_EQ(section.checked("jid", "", "bare JID", "JID.",
                            [](const std::string&) { return std::optional<std::string>("bad"); }),
            "");
  section.mistake("jid", "does not fit");
  EXPECT_TRUE(config.mistakes().empty());
  EXPECT_EQ(reference_table(config.options()), R"(| section | key | kind | default | meaning |
|---|---|---|---|---|
| `[gateway]` | `listen` | text | `tcp://127.0.0.1:5573` | Where \| how. |
| `[gateway]` | `level` | info, error | `info` | Level. |
| `[gateway]` | `rate` | integer 1..9 | required | Rate. |
| `[gateway]` | `wait_ms` | milliseconds 1..60000 | `250` | Wait. |
| `[gateway]` | `quiet` | true, false | `false` | Quiet. |
| `[gateway]` | `peers` | list of texts | `a, b` | Peers. |
| `[gateway]` | `ca` | file | `/nonexistent` | CA. |
| `[gateway]` | `password_file` | file that only its owner can read | required | Password. |
| `[gateway]` | `jid` | bare JID | empty | JID. |
)");
}

}  // namespace
}  // namespace rostrum::config
