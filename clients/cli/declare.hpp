// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "clients/cli/session.hpp"

namespace rostrum::cli {

/// A command with its line of help, its examples (a line each) and the exit codes.
CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& summary,
                      const std::string& examples);
/// A command that only holds others, one of which must follow.
CLI::App* add_family(CLI::App& parent, const std::string& name, const std::string& summary);

/// Options as `--jid JID`, with "=default" and "(required)" where it applies; how else they depend on each
/// other is for their line of help.
[[nodiscard]] std::shared_ptr<CLI::FormatterBase> help_format();

void add_revision(CLI::App& command, std::uint64_t& revision);
void add_limit(CLI::App& command, std::size_t& limit);
/// An option that takes one of a few words, "meaning: a, b, c" in its line of help; completion offers them.
CLI::Option* add_choice(CLI::App& command, const std::string& option, std::string& value,
                        const std::string& meaning, const std::vector<std::string>& words);
/// The words an option takes; none where it takes anything.
[[nodiscard]] std::vector<std::string> choices_of(CLI::Option& option);

/// What the command does once the whole command line has been read.
template <class Options>
void set_action(CLI::App& command, Session& session, const std::shared_ptr<Options>& options,
                ExitCode (*action)(Session&, const Options&)) {
  command.callback([&session, options, action] {
    session.action = [&session, options, action] { return action(session, *options); };
  });
}

}  // namespace rostrum::cli
