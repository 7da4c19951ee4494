// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/declare.hpp"

namespace rostrum::cli {

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& summary,
                      const std::string& examples) {
  auto* command = parent.add_subcommand(name, summary);
  command->footer("Examples:\n" + examples + "\n" + kExitCodesHelp);
  return command;
}

CLI::App* add_family(CLI::App& parent, const std::string& name, const std::string& summary) {
  auto* family = parent.add_subcommand(name, summary);
  family->require_subcommand(1);
  family->footer("`rostrum " + name + " COMMAND --help` tells more.\n\n" + kExitCodesHelp);
  return family;
}

void add_revision(CLI::App& command, std::uint64_t& revision) {
  command.add_option("--revision", revision, "as the site counts; left out: the clock's microseconds")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
}

void add_limit(CLI::App& command, std::size_t& limit) {
  command.add_option("--limit", limit, "at most so many")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
}

}  // namespace rostrum::cli
