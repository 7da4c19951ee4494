// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rostrum::cli::importing {

/// One record of a CSV file.
struct CsvRecord {
  std::size_t line;      ///< where it begins, from 1
  std::string_view raw;  ///< without the end of its line
  std::vector<std::string> fields;
  std::string mistake;   ///< why it cannot be read; then `fields` do not count
  bool endless = false;  ///< a quote that never ends: nothing behind it can be read
};

/// Takes comma-separated values apart (RFC 4180): fields in quotes may hold commas, line breaks, and quotes
/// written twice. Lines end with LF or CRLF; empty ones are passed over, as is a byte order mark. Behind a
/// mistake it goes on with the next line.
class CsvParser {
 public:
  explicit CsvParser(std::string_view text);
  [[nodiscard]] std::optional<CsvRecord> next();

 private:
  void skip_empty_lines();
  void read_field(CsvRecord& record);
  void read_quoted(CsvRecord& record, std::string& field);
  [[nodiscard]] bool at_line_end() const;
  void to_line_end();
  void step_over_line_end();

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

/// A field as RFC 4180 writes it: in quotes where it has to be.
[[nodiscard]] std::string csv_field(std::string_view text);

/// Fields as one record, without the end of its line.
[[nodiscard]] std::string csv_line(const std::vector<std::string>& fields);

/// What stands behind the first comma outside of quotes; nothing when there is none.
[[nodiscard]] std::string_view behind_first_field(std::string_view raw);

}  // namespace rostrum::cli::importing
