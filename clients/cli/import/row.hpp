// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/secret.hpp"

namespace rostrum::cli::importing {

/// One member as a file states it.
struct Row {
  std::string member_id;
  std::string jid;
  std::string display_name;
  std::vector<std::string> groups;
  Secret password;  ///< empty: leave it as it is
};

/// One record of a file: where it begins, how it stands there, and what it says or why it says nothing.
struct Record {
  std::size_t line;      ///< from 1
  std::string_view raw;  ///< without the end of its line; lives as long as the file's text
  std::optional<Row> row;
  std::string mistake;  ///< for people, never showing what the file holds; empty when there is a row
  bool last = false;    ///< nothing behind it can be read
};

/// The records of a file, one after the other; empty lines are passed over.
class Reader {
 public:
  virtual ~Reader() = default;
  /// The next record; nothing at the end.
  [[nodiscard]] virtual std::optional<Record> next() = 0;
  /// How the file would hold this record with a remark, which readers pass over: a line with its end.
  [[nodiscard]] virtual std::string with_remark(const Record& record, const std::string& remark) const = 0;
  /// What a file of such remarks begins with: a line with its end, or nothing.
  [[nodiscard]] virtual std::string head_with_remark() const = 0;
};

enum class Format { kCsv, kJsonLines };

/// "csv", "jsonl", or by the end of the file's name (.csv, .jsonl, .ndjson); nothing when neither tells.
[[nodiscard]] std::optional<Format> format_of(const std::string& chosen, const std::string& file);

/// A reader of the text, which must outlive it. Throws Failure(kUsage) when the file as a whole cannot be
/// read.
[[nodiscard]] std::unique_ptr<Reader> make_reader(Format format, std::string_view text);

/// Groups as one field names them: separated by ';' or '|', blanks around them do not count.
[[nodiscard]] std::vector<std::string> split_groups(std::string_view field);

}  // namespace rostrum::cli::importing
