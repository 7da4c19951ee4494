// SPDX-License-Identifier: GPL-3.0-or-later
// What stands in the file or the environment and nobody asked for: mostly a slip of the pen, so the nearest
// known name is offered.
#include <algorithm>

#include "common/base/text.hpp"
#include "common/config/nearest.hpp"
#include "common/config/state.hpp"

namespace rostrum::config {

namespace {

using Names = std::vector<std::string>;
using Mistakes = std::vector<State::LocatedMistake>;

constexpr std::size_t kMaxNameBytes = 100;

std::string hint(std::string_view word, const Names& known) {
  if (const auto meant = nearest(word, known)) return "; did you mean " + *meant + "?";
  std::string all;
  for (const auto& name : known) all += (all.empty() ? "" : ", ") + name;
  return all.empty() ? "" : "; known: " + all;
}

bool lies_below(std::string_view name, std::string_view section) {
  return name.starts_with(section) && name.substr(section.size()).starts_with('.');
}

bool is_ignored(const State& state, std::string_view name) {
  return std::any_of(state.ignored.begin(), state.ignored.end(), [&](const std::string& section) {
    return name == section || lies_below(name, section);
  });
}

/// `[gateway.sender]` alone also makes a table `gateway`, which nobody has written.
bool is_only_a_parent(const State& state, std::string_view name, const Table& table) {
  const auto is_above = [&](const std::string& section) { return lies_below(section, name); };
  return table.values.empty() && (std::any_of(state.sections.begin(), state.sections.end(), is_above) ||
                                  std::any_of(state.ignored.begin(), state.ignored.end(), is_above));
}

void add(const State& state, std::size_t line, std::string what, Mistakes& mistakes) {
  mistakes.push_back({line, {state.line_of_file(line).shown, std::move(what)}});
}

void check_table(const State& state, const std::string& name, const Table& table, Mistakes& mistakes) {
  if (state.sections.contains(name)) {
    Names keys;
    for (const auto& option : state.options) {
      if (option.section == name) keys.push_back(option.key);
    }
    for (const auto& [key, value] : table.values) {
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
      add(state, value.line,
          option_name(name, printable(key, kMaxNameBytes)) + ": unknown option" + hint(key, keys), mistakes);
    }
  } else if (!is_ignored(state, name) && !is_only_a_parent(state, name, table)) {
    const Names sections(state.sections.begin(), state.sections.end());
    add(state, table.line, "[" + printable(name, kMaxNameBytes) + "]: unknown section" + hint(name, sections),
        mistakes);
  }
}

void check_root(const State& state, const Table& root, Mistakes& mistakes) {
  for (const auto& [key, value] : root.values) {
    add(state, value.line, printable(key, kMaxNameBytes) + ": stands outside of every [section]", mistakes);
  }
}

/// The variable belongs to the section with the longest name that fits: ROSTRUM_A_B_C to `a.b` rather than to
/// `a`.
bool belongs_to_us(const State& state, std::string_view variable) {
  std::size_t ours = 0;
  std::size_t others = 0;
  for (const auto& section : state.sections) {
    if (variable.starts_with(variable_name(section, ""))) ours = std::max(ours, section.size());
  }
  for (const auto& section : state.ignored) {
    if (variable.starts_with(variable_name(section, ""))) others = std::max(others, section.size());
  }
  return ours > others;
}

void check_environment(const State& state, Mistakes& mistakes) {
  Names known;
  for (const auto& option : state.options) known.push_back(variable_name(option.section, option.key));
  for (const auto& [variable, value] : state.environment) {
    if (std::find(known.begin(), known.end(), variable) != known.end() || !belongs_to_us(state, variable))
      continue;
    mistakes.push_back(
        {Place::kNoLine, {printable(variable, kMaxNameBytes), "unknown option" + hint(variable, known)}});
  }
}

}  // namespace

std::vector<State::LocatedMistake> State::unknown() const {
  Mistakes found;
  for (const auto& [name, table] : document.tables) {
    if (name.empty()) {
      check_root(*this, table, found);
    } else {
      check_table(*this, name, table, found);
    }
  }
  check_environment(*this, found);
  return found;
}

}  // namespace rostrum::config
