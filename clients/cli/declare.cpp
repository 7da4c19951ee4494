// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/declare.hpp"

#include <algorithm>
#include <cctype>

namespace rostrum::cli {

namespace {

constexpr const char* kSeeAlso = "`rostrum --help` tells about --config and --json.\n\n";

const std::string kOneOf = "one of: ";  // before the words, in the name of the validator that knows them

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

CLI::Option* add_choice(CLI::App& command, const std::string& option, std::string& value,
                        const std::string& meaning, const std::vector<std::string>& words) {
  const bool positional = option.front() != '-';
  std::string type = positional ? "" : option.substr(2);
  std::transform(type.begin(), type.end(), type.begin(), [](unsigned char c) { return std::toupper(c); });
  auto* added =
      command.add_option(option, value, meaning + ": " + CLI::detail::join(words, ", "))->type_name(type);
  if (!value.empty()) added->capture_default_str();
  return added->check(CLI::IsMember(words).description(""), kOneOf + CLI::detail::join(words, " "));
}

std::vector<std::string> choices_of(CLI::Option& option) try {
  const std::string& name = option.get_validator(0)->get_name();
  return name.starts_with(kOneOf) ? CLI::detail::split(name.substr(kOneOf.size()), ' ')
                                  : std::vector<std::string>();
} catch (const CLI::OptionNotFound&) {  // it has no validator
  return {};
}

}  // namespace rostrum::cli
