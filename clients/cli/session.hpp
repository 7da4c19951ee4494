// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "clients/cli/exit_code.hpp"
#include "clients/cli/settings.hpp"

namespace rostrum::cli {

/// One call of `rostrum`: where it reads and writes, and what all commands were told. Parsing the command
/// line chooses the action; it is run afterwards.
class Session {
 public:
  using Environment = std::map<std::string, std::string>;
  Session(std::istream& input, std::ostream& output, std::ostream& errors, Environment variables)
      : in(input), out(output), err(errors), environment(std::move(variables)) {}

  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  const Environment environment;  ///< ROSTRUM_* only

  std::string config_file;
  bool json = false;
  std::function<ExitCode()> action;

  /// Read at first use; throws Failure(kUsage).
  [[nodiscard]] const Settings& settings();
  [[nodiscard]] std::string config_path() const { return find_config_file(config_file, environment); }

 private:
  std::optional<Settings> settings_;
};

}  // namespace rostrum::cli
