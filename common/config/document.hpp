// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "common/base/result.hpp"

namespace rostrum::config {

/// A value as the file has it; monostate is a kind that no option has (a float, a date, a list of other
/// things than texts).
struct Value {
  std::variant<std::monostate, std::string, std::int64_t, bool, std::vector<std::string>> content;
  std::size_t line = 0;
};

/// The values directly below one `[header]`.
struct Table {
  std::size_t line = 0;
  std::map<std::string, Value, std::less<>> values;
};

/// A TOML file without its library: every table under its full name (`gateway.sender`), what stands above the
/// first header under "".
struct Document {
  std::map<std::string, Table, std::less<>> tables;
};

/// Why a text is no TOML.
struct SyntaxError {
  std::size_t line;
  std::string what;
};

[[nodiscard]] Result<Document, SyntaxError> parse_document(const std::string& toml);

}  // namespace rostrum::config
