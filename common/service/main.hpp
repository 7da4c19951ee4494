// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "common/config/config.hpp"

namespace rostrum::service {

/// What all service executables have in common on their command line: `--config FILE`, `--check-config`,
/// `--config-reference`, `--version`, `--help`. `run` gets the configuration after its own reading left no
/// mistake, and returns the exit code. A broken pipe is an error of the write then, not the end of the
/// process, and there are no core dumps: every service holds keys or passwords.
///
/// Exit codes: 0 stopped as asked, 1 could not start or go on, 2 wrong command line or configuration.
template <class Settings>
struct Program {
  std::string_view name;     ///< "rostrum-gateway"
  std::string_view summary;  ///< one line for --help
  std::function<Settings(config::Config&)> read;
  std::function<int(Settings)> run;
};

namespace detail {
enum class Action { kRun, kExit };
struct Outcome {
  Action action;
  int exit_code;
};
/// Parses the command line, loads the file, calls `read`, prints every mistake or the reference as asked.
Outcome prepare(int argc, char** argv, std::string_view name, std::string_view summary,
                const std::function<void(config::Config&)>& read);
/// Calls `run`, turning an exception into one line on standard error and exit code 1.
int guarded(std::string_view name, const std::function<int()>& run);
}  // namespace detail

template <class Settings>
int run(int argc, char** argv, const Program<Settings>& program) {
  std::optional<Settings> settings;
  const auto outcome =
      detail::prepare(argc, argv, program.name, program.summary,
                      [&](config::Config& config) { settings.emplace(program.read(config)); });
  if (outcome.action == detail::Action::kExit) return outcome.exit_code;
  return detail::guarded(program.name, [&] { return program.run(std::move(*settings)); });
}

}  // namespace rostrum::service
