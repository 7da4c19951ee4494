// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iostream>
#include <string_view>

#include "clients/cli/commands.hpp"
#include "clients/cli/declare.hpp"
#include "clients/cli/output.hpp"
#include "common/base/text.hpp"

namespace rostrum::cli {

namespace {

constexpr const char* kSummary =
    "Rostrum: binds a web site to a Jabber server. This is its command-line tool.";
constexpr const char* kExamples =
    "Examples:\n"
    "  rostrum member add anna --jid anna@example.org --group editors --password-file -\n"
    "  rostrum announce --group editors --wait \"The print deadline is tomorrow at noon.\"\n"
    "  rostrum who\n"
    "  rostrum --json notice list\n"
    "  rostrum check\n"
    "\n"
    "The configuration is the first there is of --config, ROSTRUM_CONFIG, ./rostrum.toml, "
    "/etc/rostrum/rostrum.toml;\n"
    "any key of its [cli] can be overridden by the environment, as ROSTRUM_CLI_<KEY>.\n\n";

/// Failures may quote what others wrote: every line is made harmless, newlines stay.
void complain(Session& session, ExitCode code, const std::string& text) {
  if (session.json) return print_error(session, static_cast<int>(code), text);
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    session.err << "rostrum: " << printable(std::string_view(text).substr(begin, end - begin), 2'048) << '\n';
    begin = end + 1;
  }
}

/// --help and --version are "errors" to CLI11, with code 0.
int parse_error(const CLI::App& app, const CLI::ParseError& error, Session& session) {
  if (error.get_exit_code() == 0) return app.exit(error, session.out, session.err);
  complain(session, ExitCode::kUsage,
           std::string(error.what()) + "\n`rostrum --help`, or --help after the command, tells more");
  return static_cast<int>(ExitCode::kUsage);
}

}  // namespace

int run(int argc, const char* const* argv, Session& session) {
  CLI::App app(kSummary, "rostrum");
  app.set_help_flag("-h,--help", "show this help");
  app.formatter(help_format());
  app.footer(std::string(kExamples) + kExitCodesHelp);
  app.require_subcommand(1);
  app.fallthrough();  // the options below may also stand after the command
  app.add_option("--config", session.config_file, "the configuration file")->type_name("FILE");
  app.add_flag("--json", session.json, "answer in JSON, for programs");
  app.set_version_flag("--version", "rostrum " ROSTRUM_VERSION, "print the version");
  app.add_flag_callback(
      "--config-reference", [] { throw CLI::CallForVersion(config_reference(), 0); },
      "print every key of [cli] with its kind, default and meaning, as a Markdown table");
  for (const auto add : {add_migrate, add_keygen, add_key, add_member, add_group, add_announce, add_notice,
                         add_dead, add_who, add_watch, add_timeline, add_check, add_completion})
    add(app, session);
  // A line that is not understood is complained of in JSON too.
  session.json = std::find(argv, argv + argc, std::string_view("--json")) != argv + argc;
  try {
    app.parse(argc, argv);
    return static_cast<int>(session.action());
  } catch (const CLI::ParseError& error) {
    return parse_error(app, error, session);
  } catch (const Failure& failure) {
    complain(session, failure.code, failure.text);
    return static_cast<int>(failure.code);
  } catch (const std::exception& error) {
    complain(session, ExitCode::kFailed, error.what());
    return static_cast<int>(ExitCode::kFailed);
  }
}

}  // namespace rostrum::cli
