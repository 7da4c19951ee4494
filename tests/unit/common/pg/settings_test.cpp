// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/pg/settings.hpp"

#include <gtest/gtest.h>

#include "common/base/text.hpp"

namespace rostrum::pg {
namespace {

std::string mistake_of(const std::string& conninfo) {
  auto config = config::Config::load("", {{"ROSTRUM_REGISTRATION_DATABASE", conninfo}});
  auto section = config.section("registration");
  static_cast<void>(read_settings(section, "rostrum_registration"));
  const auto mistakes = config.mistakes();
  EXPECT_EQ(mistakes.size(), 1U) << conninfo;
  return mistakes.empty() ? std::string() : mistakes.front().what;
}

// libpq ends its words with a line break: tests/fuzz/configuration found it.
TEST(DatabaseSettings, say_in_one_line_what_libpq_does_not_understand) {
  for (const std::string conninfo : {"dbnamame=rostrum", "dbname", "postgresql://[", "host='"}) {
    EXPECT_FALSE(
        check_text(mistake_of(conninfo), {.max_bytes = 256, .may_be_empty = false, .one_line = true}))
        << conninfo;
  }
}

}  // namespace
}  // namespace rostrum::pg
