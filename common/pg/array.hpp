// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/uuid.hpp"

namespace rostrum::pg {

/// Builds a parameter for `unnest($1::text[])` and its like: one column of many rows in one parameter, in
/// PostgreSQL's array syntax. Elements are always quoted, so no element can end the array or become a NULL;
/// the text has to be without NUL bytes, as every PostgreSQL text.
class Array {
 public:
  void add(std::string_view element);
  void add(const std::string& element) { add(std::string_view(element)); }
  void add(const char* element) { add(std::string_view(element)); }  // which would else become a bool
  void add(std::int64_t element);
  void add(bool element);
  void add(const std::optional<std::string>& element);
  void add(const Uuid& element);
  void add_null();
  /// Bytes for a `bytea[]`.
  void add_bytes(std::string_view bytes);
  void add_bytes(const std::optional<std::string>& bytes);

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void next();
  void end() { text_ += '}'; }
  std::string text_ = "{}";
};

/// Bytes as the text of a `bytea` parameter: \x and hexadecimal digits; and back from the text of a bytea
/// field.
[[nodiscard]] std::string bytea_text(std::string_view bytes);
[[nodiscard]] std::string bytes_of_bytea(std::string_view text);

}  // namespace rostrum::pg
