// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/import/csv.hpp"

#include <algorithm>

namespace rostrum::cli::importing {

CsvParser::CsvParser(std::string_view text) : text_(text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
}

std::optional<CsvRecord> CsvParser::next() {
  skip_empty_lines();
  if (at_ == text_.size()) return std::nullopt;
  const std::size_t begin = at_;
  CsvRecord record{.line = line_, .raw = {}, .fields = {}, .mistake = {}};
  read_field(record);
  while (record.mistake.empty() && at_ < text_.size() && text_[at_] == ',') {
    ++at_;
    read_field(record);
  }
  if (!record.mistake.empty()) to_line_end();
  record.raw = text_.substr(begin, at_ - begin);
  step_over_line_end();
  return record;
}

void CsvParser::skip_empty_lines() {
  while (at_ < text_.size() && at_line_end()) step_over_line_end();
}

bool CsvParser::at_line_end() const {
  return at_ == text_.size() || text_[at_] == '\n' || text_.substr(at_, 2) == "\r\n";
}

void CsvParser::to_line_end() {
  while (!at_line_end()) ++at_;
}

void CsvParser::step_over_line_end() {
  if (at_ == text_.size()) return;
  at_ += text_[at_] == '\r' ? 2 : 1;
  ++line_;
}

/// Up to a comma or the end of the line.
void CsvParser::read_field(CsvRecord& record) {
  auto& field = record.fields.emplace_back();
  if (at_ < text_.size() && text_[at_] == '"') return read_quoted(record, field);
  const std::size_t begin = at_;
  while (!at_line_end() && text_[at_] != ',' && text_[at_] != '"') ++at_;
  field = text_.substr(begin, at_ - begin);
  if (!at_line_end() && text_[at_] == '"')
    record.mistake =
        "a quote in the middle of a field: put the whole field in quotes and write the quote twice";
}

void CsvParser::read_quoted(CsvRecord& record, std::string& field) {
  const std::size_t begin_line = line_;
  ++at_;
  for (;;) {
    const std::size_t quote = std::min(text_.find('"', at_), text_.size());
    const auto piece = text_.substr(at_, quote - at_);
    field += piece;
    line_ += static_cast<std::size_t>(std::count(piece.begin(), piece.end(), '\n'));
    at_ = quote;
    if (at_ == text_.size()) {
      record.endless = true;
      record.mistake = "the quote that begins in line " + std::to_string(begin_line) + " never ends";
      return;
    }
    ++at_;
    if (at_ == text_.size() || text_[at_] != '"') break;  // a quote written twice is one
    field += '"';
    ++at_;
  }
  if (!at_line_end() && text_[at_] != ',')
    record.mistake = "something stands between the end of a quoted field and the next comma";
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (const auto& field : fields) line += (&field == &fields.front() ? "" : ",") + csv_field(field);
  return line;
}

std::string_view behind_first_field(std::string_view raw) {
  bool quoted = false;
  for (std::size_t at = 0; at < raw.size(); ++at) {
    if (raw[at] == '"') quoted = !quoted;
    if (raw[at] == ',' && !quoted) return raw.substr(at + 1);
  }
  return {};
}

}  // namespace rostrum::cli::importing
