// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/config/document.hpp"

#include <algorithm>
#include <optional>
#include <sstream>

#include <toml.hpp>

#include "common/base/text.hpp"

namespace rostrum::config {

namespace {

Value flattened(const toml::value& value) {
  Value flat{.content = {}, .line = value.location().line()};
  if (value.is_string()) flat.content = value.as_string().str;
  if (value.is_integer()) flat.content = std::int64_t{value.as_integer()};
  if (value.is_boolean()) flat.content = value.as_boolean();
  if (value.is_array()) {
    const auto& items = value.as_array();
    if (std::all_of(items.begin(), items.end(), [](const toml::value& item) { return item.is_string(); })) {
      std::vector<std::string> texts;
      for (const auto& item : items) texts.push_back(item.as_string().str);
      flat.content = std::move(texts);
    }
  }
  return flat;
}

std::string below(std::string table, const std::string& key) {
  return table.empty() ? key : table.append(1, '.').append(key);
}

void flatten(const toml::value& table, const std::string& name, Document& document) {
  auto& flat = document.tables[name];
  flat.line = table.location().line();
  for (const auto& [key, value] : table.as_table()) {
    if (value.is_table()) {
      flatten(value, below(name, key), document);
    } else {
      flat.values.emplace(key, flattened(value));
    }
  }
}

/// toml11 draws the place over several lines; the first says what is wrong: "[error]
/// toml::parse_key_value_pair: missing `=`".
std::string first_line(const std::string& what) {
  auto line = what.substr(0, what.find('\n'));
  if (const auto name = line.find("toml::"); name != std::string::npos) {
    const auto colon = line.find(": ", name);
    if (colon != std::string::npos) line = line.substr(colon + 2);
  }
  return line;
}

/// TOML 1.0: valid UTF-8, and no control characters but those between lines.
std::optional<SyntaxError> bad_characters(const std::string& toml) {
  const auto error = check_text(toml, {.max_bytes = toml.size()});
  if (!error) return std::nullopt;
  const auto place = toml.begin() + static_cast<std::ptrdiff_t>(error->byte_offset);
  return SyntaxError{1 + static_cast<std::size_t>(std::count(toml.begin(), place, '\n')), error->describe()};
}

}  // namespace

Result<Document, SyntaxError> parse_document(const std::string& toml) {
  // The library (toml11 3.7.1) reads behind its buffer when it wants to show where a text is not UTF-8.
  if (auto error = bad_characters(toml)) return *error;
  try {
    std::istringstream stream(toml);
    const auto root = toml::parse(stream, "configuration");
    Document document;
    flatten(root, "", document);
    return document;
  } catch (const toml::exception& error) {
    return SyntaxError{error.location().line(), first_line(error.what())};
  } catch (const std::exception& error) {
    // The library also throws what its conversions throw, e.g. for a number that no 64 bits hold; it does not
    // say where.
    return SyntaxError{0, first_line(error.what())};
  }
}

}  // namespace rostrum::config
