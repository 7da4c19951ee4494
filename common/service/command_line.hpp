// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"

namespace rostrum::service {

/// What the command line asks for.
enum class Task { kRun, kCheck, kReference, kVersion, kHelp };

struct CommandLine {
  Task task = Task::kRun;
  std::string config_path;  ///< empty: the environment alone
};

struct UsageError {
  std::string what;
};

/// The words after the program's name.
[[nodiscard]] Result<CommandLine, UsageError> parse_command_line(const std::vector<std::string>& words);

[[nodiscard]] std::string help(std::string_view name, std::string_view summary);
[[nodiscard]] std::string_view version();

}  // namespace rostrum::service
