// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/output.hpp"

#include <algorithm>
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
  session.out << value.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
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
