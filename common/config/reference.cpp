// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/config/reference.hpp"

namespace rostrum::config {

namespace {

/// A cell must not end at a bar that belongs to its text.
std::string cell(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string code(const std::string& text) {
  return "`" + cell(text) + "`";
}

}  // namespace

std::string reference_table(const std::vector<OptionDoc>& options) {
  std::string table = "| section | key | kind | default | meaning |\n|---|---|---|---|---|\n";
  for (const auto& option : options) {
    const auto shown_default = option.default_value == "required" ? "required" : code(option.default_value);
    table += "| " + code("[" + option.section + "]") + " | " + code(option.key) + " | " + cell(option.kind) +
             " | " + (option.default_value.empty() ? "empty" : shown_default) + " | " + cell(option.help) +
             " |\n";
  }
  return table;
}

}  // namespace rostrum::config
