// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/declare.hpp"

namespace rostrum::cli {

namespace {

constexpr const char* kSeeAlso = "`rostrum --help` tells about --config and --json.\n\n";

class HelpFormat final : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    if (option->get_positional()) return {};
    std::string text;
    if (option->get_type_size() != 0) text += " " + option->get_type_name();
    if (!option->get_default_str().empty()) text += "=" + option->get_default_str();
    if (option->get_required()) text += " (required)";
    return text;
  }
};

}  // namespace

std::shared_ptr<CLI::FormatterBase> help_format() {
  auto format = std::make_shared<HelpFormat>();
  format->column_width(28);
  return format;
}

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& summary,
                      const std::string& examples) {
  auto* command = parent.add_subcommand(name, summary);
  command->footer("Examples:\n" + examples + "\n" + kSeeAlso + kExitCodesHelp);
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
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 62).description(""));
}

void add_limit(CLI::App& command, std::size_t& limit) {
  command.add_option("--limit", limit, "at most so many")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000).description(""));
}

}  // namespace rostrum::cli
