// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/output.hpp"

#include <algorithm>
#include <cstdio>
#include <ostream>
#include <regex>

#include <nlohmann/json.hpp>

#include "clients/cli/table.hpp"
#include "common/base/text.hpp"

namespace rostrum::cli {

namespace {

constexpr std::size_t kLongestValueBytes = std::size_t{64} * 1024;

/// PostgreSQL's JSON writes 2026-11-22T15:40:01.123456+00:00.
std::string readable_moment(const std::string& text) {
  static const std::regex kMoment(R"((\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?\+00:00)");
  if (text.size() > 40) return text;
  std::smatch match;
  return std::regex_match(text, match, kMoment) ? match[1].str() + " " + match[2].str() + "Z" : text;
}

/// The character at a place of a text in UTF-8 that a terminal would obey and JSON's writer leaves as it is:
/// DEL, C1 (U+009B begins an escape sequence), line separators, and the controls that reorder text. Nought
/// for any other.
unsigned obeyed(std::string_view json, std::size_t at) {
  const auto byte = [&](std::size_t ahead) {
    return at + ahead < json.size() ? static_cast<unsigned char>(json[at + ahead]) : 0U;
  };
  if (byte(0) == 0x7f) return 0x7f;
  if (byte(0) == 0xc2 && byte(1) <= 0x9f) return byte(1);
  if (byte(0) != 0xe2 || (byte(1) != 0x80 && byte(1) != 0x81)) return 0;
  const unsigned character = 0x2000U | (byte(1) & 0x3fU) << 6U | (byte(2) & 0x3fU);
  const bool separates = character == 0x2028 || character == 0x2029;
  const bool reorders =
      (character >= 0x202a && character <= 0x202e) || (character >= 0x2066 && character <= 0x2069);
  return separates || reorders ? character : 0;
}

std::string without_obeyed(std::string_view json) {
  std::string harmless;
  for (std::size_t at = 0; at < json.size();) {
    const unsigned character = obeyed(json, at);
    if (character == 0) {
      harmless += json[at++];
      continue;
    }
    char escaped[8];
    (void)std::snprintf(escaped, sizeof escaped, "\\u%04x", character);
    harmless += escaped;
    at += character < 0x80 ? 1 : character < 0x800 ? 2 : 3;
  }
  return harmless;
}

}  // namespace

std::string cell(const Json& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return readable_moment(value.get<std::string>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (!value.is_array()) return value.dump();
  std::string joined;
  for (const auto& element : value) joined += (joined.empty() ? "" : ",") + cell(element);
  return joined;
}

void print_json(Session& session, const Json& value) {
  session.out << without_obeyed(value.dump(-1, ' ', false, Json::error_handler_t::replace)) << '\n';
}

void print_error(Session& session, int exit_code, const std::string& text) {
  const Json error{{"error", {{"exit_code", exit_code}, {"text", text}}}};
  session.err << without_obeyed(error.dump(-1, ' ', false, Json::error_handler_t::replace)) << '\n';
}

void print_rows(Session& session, const Json& rows, const std::vector<Field>& fields) {
  if (session.json) return print_json(session, rows);
  if (rows.empty()) {
    session.err << "none\n";
    return;
  }
  Table table;
  for (const auto& field : fields) table.columns.push_back({field.title, field.right, field.whole});
  for (const auto& row : rows) {
    auto& cells = table.rows.emplace_back();
    for (const auto& field : fields)
      cells.push_back(row.contains(field.key) ? cell(row.at(field.key)) : std::string());
  }
  session.out << table.render();
}

bool drop_behind(Json& rows, std::size_t limit) {
  if (rows.size() <= limit) return false;
  rows.erase(rows.begin() + static_cast<Json::difference_type>(limit), rows.end());
  return true;
}

void print_record(Session& session, const Json& record) {
  if (session.json) return print_json(session, record);
  std::size_t width = 0;
  for (const auto& [key, value] : record.items()) width = std::max(width, key.size());
  for (const auto& [key, value] : record.items()) {
    const std::string text = printable(cell(value), kLongestValueBytes);
    session.out << key << std::string(width - key.size(), ' ') << "  " << (text.empty() ? "-" : text) << '\n';
  }
}

}  // namespace rostrum::cli
