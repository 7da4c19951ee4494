// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/log/settings.hpp"

#include <gtest/gtest.h>

namespace rostrum::log {
namespace {

TEST(Settings, are_for_people_and_not_chatty_by_default) {
  auto config = config::Config::load("", {});
  const auto settings = read_settings(config);
  EXPECT_EQ(settings.format, Format::kText);
  EXPECT_EQ(settings.level, Level::kInfo);
  EXPECT_TRUE(config.mistakes().empty());
}

TEST(Settings, know_every_level) {
  for (const auto& [name, level] : {std::pair("debug", Level::kDebug),
                                    {"info", Level::kInfo},
                                    {"warning", Level::kWarning},
                                    {"error", Level::kError}}) {
    auto config = config::Config::load("", {{"ROSTRUM_LOG_LEVEL", name}, {"ROSTRUM_LOG_FORMAT", "json"}});
    const auto settings = read_settings(config);
    EXPECT_EQ(settings.level, level);
    EXPECT_EQ(settings.format, Format::kJson);
  }
}

}  // namespace
}  // namespace rostrum::log
