// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/service/command_line.hpp"

#include <map>

namespace rostrum::service {

namespace {

constexpr std::string_view kConfig = "--config";
constexpr std::string_view kConfigEquals = "--config=";

const std::map<std::string_view, Task>& tasks() {
  static const std::map<std::string_view, Task> known = {
      {"--check-config", Task::kCheck},
      {"--config-reference", Task::kReference},
      {"--version", Task::kVersion},
      {"--help", Task::kHelp},
      {"-h", Task::kHelp},
  };
  return known;
}

}  // namespace

Result<CommandLine, UsageError> parse_command_line(const std::vector<std::string>& words) {
  CommandLine line;
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (const auto task = tasks().find(*word); task != tasks().end()) {
      if (line.task != Task::kRun && line.task != task->second)
        return UsageError{*word + " contradicts what was asked before"};
      line.task = task->second;
    } else if (*word == kConfig) {
      if (++word == words.end()) return UsageError{"--config needs a file"};
      line.config_path = *word;
    } else if (word->starts_with(kConfigEquals)) {
      line.config_path = word->substr(kConfigEquals.size());
    } else {
      return UsageError{"unknown option " + *word};
    }
  }
  return line;
}

std::string help(std::string_view name, std::string_view summary) {
  const std::string program(name);
  return program + ": " + std::string(summary) + R"(

Usage: )" +
         program + R"( [--config FILE] [--check-config | --config-reference | --version | --help]

  --config FILE       the configuration, in TOML; without it the environment alone is read
  --check-config      say all that is wrong with the configuration, with line numbers, and end
  --config-reference  print every option with its kind, default and meaning, as a Markdown table, and end
  --version           print the version and end
  --help, -h          print this and end

Each value of the file can be overridden by a variable ROSTRUM_<SECTION>_<KEY>; lists are separated by commas.

Example:
  )" + program +
         R"( --config /etc/rostrum/rostrum.toml --check-config
  ROSTRUM_LOG_LEVEL=debug )" +
         program + R"( --config /etc/rostrum/rostrum.toml

It runs in the foreground and logs to standard error; SIGTERM or SIGINT stops it.
Exit codes: 0 stopped as asked, 1 could not start or go on, 2 wrong command line or configuration.
)";
}

std::string_view version() {
  return ROSTRUM_VERSION;
}

}  // namespace rostrum::service
