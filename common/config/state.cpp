// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/config/state.hpp"

#include <algorithm>

#include "common/config/files.hpp"

namespace rostrum::config {

namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1024} * 1024;

}  // namespace

void State::read() {
  is_readable = false;
  const auto text = read_file(path, kMaxFileBytes);
  if (!text) return add(line_of_file(0), text.error().what);
  // It names the keys, the folders of keys and the servers: whoever may write it decides about all of them.
  if (const auto problem = problem_if_others_may_write(path)) add(line_of_file(0), problem->what);
  auto parsed = parse_document(text.value());
  if (!parsed) return add(line_of_file(parsed.error().line), "not TOML: " + parsed.error().what);
  document = std::move(parsed).value();
  is_readable = true;
}

State::Found State::find(std::string_view section, std::string_view key) const {
  Found found;
  if (const auto variable = environment.find(variable_name(section, key)); variable != environment.end()) {
    found.in_environment = &variable->second;
  }
  if (const auto table = document.tables.find(section); table != document.tables.end()) {
    const auto value = table->second.values.find(key);
    if (value != table->second.values.end()) found.in_file = &value->second;
  }
  return found;
}

Place State::place_of(std::string_view section, std::string_view key) const {
  const auto found = find(section, key);
  if (found.in_environment != nullptr || path.empty()) return {.shown = variable_name(section, key)};
  if (found.in_file != nullptr) return line_of_file(found.in_file->line);
  if (const auto table = document.tables.find(section); table != document.tables.end())
    return line_of_file(table->second.line);
  return {.shown = path};
}

Place State::line_of_file(std::size_t line) const {
  if (line == 0) return {.line = 0, .shown = path};
  return {.line = line, .shown = path + ":" + std::to_string(line)};
}

void State::remember(OptionDoc option) {
  const bool known = std::any_of(options.begin(), options.end(), [&](const OptionDoc& other) {
    return other.section == option.section && other.key == option.key;
  });
  if (!known) options.push_back(std::move(option));
}

std::string variable_name(std::string_view section, std::string_view key) {
  std::string name = "ROSTRUM_" + std::string(section) + "_" + std::string(key);
  for (auto& c : name) {
    if (c == '.') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

std::string option_name(std::string_view section, std::string_view key) {
  return "[" + std::string(section) + "] " + std::string(key);
}

}  // namespace rostrum::config
