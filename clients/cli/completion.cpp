// SPDX-License-Identifier: Apache-2.0
#include <initializer_list>
#include <memory>
#include <ostream>

#include "clients/cli/commands.hpp"
#include "clients/cli/declare.hpp"

namespace rostrum::cli {

namespace {

struct Options {
  CLI::App* app;
  std::string shell;
};

// What stands before the tables and behind them. `path` becomes the command as far as it has been typed,
// `before` the word before the one that is being typed; bash takes --option=value as three words.
constexpr const char* kHead = R"(# bash completion for rostrum; made by `rostrum completion bash`.
_rostrum() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} path="" words="" i
  COMPREPLY=()
  if [[ $word == "=" ]]; then
    word=""
  elif [[ $before == "=" ]]; then
    before=${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "$path ${COMP_WORDS[i]}" in
)";
constexpr const char* kValues = R"(    esac
  done
  case "$path $before" in
)";
constexpr const char* kWords = R"(  esac
  case "$path" in
)";
constexpr const char* kTail = R"(  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _rostrum rostrum
)";

/// The three tables, filled command by command.
struct Tables {
  std::string paths;   ///< which words lead to a command
  std::string values;  ///< what stands behind an option
  std::string words;   ///< what a command takes
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string quoted(const std::string& text) {
  return '"' + text + '"';
}

void add_line(std::string& table, const char* indent, std::initializer_list<std::string> pieces) {
  table += indent;
  for (const auto& piece : pieces) table += piece;
  table += '\n';
}

constexpr const char* kFiles =
    R"(compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$word"); )";
constexpr const char* kFolders =
    R"(compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$word"); )";

/// How a value is completed; nothing for what only the site knows.
std::string completed(CLI::Option& option) {
  const auto choices = choices_of(option);
  if (!choices.empty()) return R"(COMPREPLY=($(compgen -W ")" + joined(choices) + R"(" -- "$word")); )";
  if (option.get_type_name() == "FILE") return kFiles;
  return option.get_type_name() == "DIR" ? kFolders : "";
}

void add_words_of(Tables& tables, CLI::Option& option, const std::string& path,
                  std::vector<std::string>& words) {
  for (const auto& long_name : option.get_lnames()) {
    const std::string name = "--" + long_name;
    words.push_back(name);
    if (option.get_expected_max() == 0) continue;  // a flag
    // The options of `rostrum` itself may stand behind every command.
    const std::string command = path.empty() ? "*" : quoted(path);
    add_line(tables.values, "    ", {command, quoted(" " + name), ") ", completed(option), "return ;;"});
  }
}

void add_tables(Tables& tables, CLI::App& app, const std::string& path) {
  std::vector<std::string> words;
  bool takes_file = false;
  for (auto* sub : app.get_subcommands([](CLI::App*) { return true; })) {
    const std::string sub_path = path.empty() ? sub->get_name() : path + " " + sub->get_name();
    add_line(tables.paths, "      ",
             {quoted(path + " " + sub->get_name()), ") path=", quoted(sub_path), " ;;"});
    words.push_back(sub->get_name());
    add_tables(tables, *sub, sub_path);
  }
  for (auto* option : app.get_options()) {
    add_words_of(tables, *option, path, words);
    if (!option->get_positional()) continue;
    takes_file = takes_file || option->get_name() == "FILE";
    for (const auto& choice : choices_of(*option)) words.push_back(choice);
  }
  if (!path.empty()) words.insert(words.end(), {"--config", "--json"});
  const std::string files = takes_file ? "[[ $word == -* ]] || { " + std::string(kFiles) + "return; }; " : "";
  add_line(tables.words, "    ", {quoted(path), ") ", files, "words=", quoted(joined(words)), " ;;"});
}

/// A script for bash, from the commands and options as they were declared.
std::string bash_completion(CLI::App& app) {
  Tables tables;
  add_tables(tables, app, "");
  return kHead + tables.paths + kValues + tables.values + kWords + tables.words + kTail;
}

ExitCode completion(Session& session, const Options& options) {
  session.out << bash_completion(*options.app);
  return ExitCode::kOk;
}

}  // namespace

void add_completion(CLI::App& app, Session& session) {
  const auto options = std::make_shared<Options>();
  options->app = &app;
  auto* command = add_command(app, "completion", "Print what makes a shell complete this tool's commands",
                              "  source <(rostrum completion bash)\n"
                              "  rostrum completion bash > /etc/bash_completion.d/rostrum\n");
  add_choice(*command, "SHELL", options->shell, "which shell", {"bash"})->required();
  set_action(*command, session, options, completion);
}

}  // namespace rostrum::cli
