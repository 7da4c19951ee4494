// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "clients/cli/session.hpp"

namespace rostrum::cli {

using Json = nlohmann::ordered_json;

/// A column of a list: which field of the rows, and the title above it.
struct Field {
  std::string key;
  std::string title;
  bool right = false;  ///< as Table::Column
  bool whole = false;
};

/// Rows (an array of objects): a table of the given fields, or with --json the whole array.
void print_rows(Session& session, const Json& rows, const std::vector<Field>& fields);
/// Leaves the first `limit` rows; whether there were more, as a query for one more than these tells.
bool drop_behind(Json& rows, std::size_t limit);
/// One object: a line per field, or with --json the object.
void print_record(Session& session, const Json& record);
/// JSON on one line, whatever bytes its texts hold; what a terminal would obey is escaped.
void print_json(Session& session, const Json& value);

/// {"error": {"exit_code": …, "text": …}} on standard error, for programs.
void print_error(Session& session, int exit_code, const std::string& text);

/// A value as people read it: arrays joined by commas, moments as "2026-11-22 15:40:01Z", nothing for null.
[[nodiscard]] std::string cell(const Json& value);

}  // namespace rostrum::cli
