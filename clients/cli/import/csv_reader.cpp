// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/import/csv_reader.hpp"

#include <algorithm>
#include <array>

#include "clients/cli/exit_code.hpp"

namespace rostrum::cli::importing {

namespace {

constexpr const char* kRemark = "rejected";
constexpr std::array<std::string_view, 6> kColumns{"member_id", "jid",      "display_name",
                                                   "groups",    "password", kRemark};

/// Never shows what stands there: a file without a head begins with a member, password and all.
Failure bad_head(const std::string& what) {
  return {
      ExitCode::kUsage,
      "line 1: " + what + "; the first line names the columns: member_id,jid,display_name,groups,password"};
}

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t") - begin + 1));
}

std::vector<std::string> columns_of(const CsvRecord& head) {
  if (!head.mistake.empty()) throw bad_head(head.mistake);
  if (head.fields.size() == 1 && head.raw.find_first_of(";\t") != std::string_view::npos)
    throw bad_head("its fields are not separated by commas");
  std::vector<std::string> columns;
  for (const auto& field : head.fields) {
    const std::string name = trimmed(field);
    const std::string which = "column " + std::to_string(columns.size() + 1);
    if (std::find(kColumns.begin(), kColumns.end(), name) == kColumns.end())
      throw bad_head(which + " is none of them");
    if (std::find(columns.begin(), columns.end(), name) != columns.end())
      throw bad_head(which + " is there for the second time");
    columns.push_back(name);
  }
  for (const auto* needed : {"member_id", "jid"}) {
    if (std::find(columns.begin(), columns.end(), needed) == columns.end())
      throw bad_head(std::string("there is no ") + needed);
  }
  return columns;
}

}  // namespace

CsvReader::CsvReader(std::string_view text) : parser_(text) {
  const auto head = parser_.next();
  if (!head) throw Failure{ExitCode::kUsage, "the file is empty"};
  columns_ = columns_of(*head);
  const auto remark = std::find(columns_.begin(), columns_.end(), kRemark);
  if (remark != columns_.end()) remark_at_ = static_cast<std::size_t>(remark - columns_.begin());
}

std::optional<Record> CsvReader::next() {
  auto read = parser_.next();
  if (!read) return std::nullopt;
  Record record{
      .line = read->line, .raw = read->raw, .row = {}, .mistake = read->mistake, .last = read->endless};
  if (!record.mistake.empty()) return record;
  if (read->fields.size() == columns_.size()) {
    record.row = row_of(read->fields);
  } else {
    record.mistake = std::to_string(read->fields.size()) + " fields where the first line has " +
                     std::to_string(columns_.size()) +
                     ": a comma too many or too few, or one that needs quotes";
  }
  return record;
}

Row CsvReader::row_of(std::vector<std::string>& fields) const {
  Row row;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i] == "member_id") row.member_id = std::move(fields[i]);
    if (columns_[i] == "jid") row.jid = std::move(fields[i]);
    if (columns_[i] == "display_name") row.display_name = std::move(fields[i]);
    if (columns_[i] == "groups") row.groups = split_groups(fields[i]);
    if (columns_[i] == "password") row.password = Secret(std::move(fields[i]));
  }
  return row;
}

std::string CsvReader::with_remark(const Record& record, const std::string& remark) const {
  if (!record.row) return unreadable_with_remark(record.raw, remark) + '\n';
  const std::string line = ',' + std::string(record.raw);  // with an empty field in front, for the remark
  auto fields = CsvParser(line).next()->fields;
  if (remark_at_) fields.erase(fields.begin());
  fields[remark_at_.value_or(0)] = remark;
  return csv_line(fields) + '\n';
}

std::string CsvReader::head_with_remark() const {
  return (remark_at_ ? "" : std::string(kRemark) + ',') + csv_line(columns_) + '\n';
}

/// Has to be mended before it can be read, and not by what is put beside it. A remark in front of a record
/// without one adds a field, as the head has a column more: what did not fit does not fit then. One that has
/// a remark in front gets another instead; any other record is left as it stands.
std::string CsvReader::unreadable_with_remark(std::string_view raw, const std::string& remark) const {
  if (!remark_at_) return csv_field(remark) + ',' + std::string(raw);
  if (*remark_at_ != 0) return std::string(raw);
  std::string line = csv_field(remark) + ',' + std::string(behind_first_field(raw));
  const auto read = CsvParser(line).next();
  const bool readable = read->mistake.empty() && read->fields.size() == columns_.size();
  return readable ? std::string(raw) : line;
}

}  // namespace rostrum::cli::importing
