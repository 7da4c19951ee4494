// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/log/settings.hpp"

namespace rostrum::log {

namespace {

Level to_level(std::string_view name) {
  if (name == "debug") return Level::kDebug;
  if (name == "warning") return Level::kWarning;
  if (name == "error") return Level::kError;
  return Level::kInfo;
}

}  // namespace

Settings read_settings(config::Config& config) {
  auto section = config.section("log");
  const auto format =
      section.one_of("format", {"text", "json"}, "text", "Lines for people (text) or for programs (json).");
  const auto level = section.one_of("level", {"debug", "info", "warning", "error"}, "info",
                                    "The least important lines that are written.");
  return {format == "json" ? Format::kJson : Format::kText, to_level(level)};
}

}  // namespace rostrum::log
