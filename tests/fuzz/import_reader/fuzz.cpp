// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever file of members is imported, as CSV or as JSON Lines: its records come in the order of their
// lines, with a row or the reason why not; and what is put aside with a remark reads as before once the
// remark is there: rows as the same rows, what could not be read as nothing that could.
#include <vector>

#include "clients/cli/exit_code.hpp"
#include "clients/cli/import/checked_reader.hpp"
#include "clients/cli/import/csv.hpp"
#include "common/base/result.hpp"
#include "tests/fuzz/support/allocation.hpp"
#include "tests/fuzz/support/input.hpp"

namespace {

using namespace rostrum;
using namespace rostrum::cli;
using namespace rostrum::cli::importing;

constexpr const char* kRemark = "jid: \"no\", such, server";

std::vector<Record> records_of(Reader& reader) {
  std::vector<Record> records;
  while (auto record = reader.next()) records.push_back(std::move(*record));
  return records;
}

void hold_order(const std::vector<Record>& records, std::string_view text) {
  std::size_t line = 0;
  for (const auto& record : records) {
    ROSTRUM_INVARIANT(record.line > line);
    line = record.line;
    ROSTRUM_INVARIANT(record.raw.data() >= text.data() &&
                      record.raw.data() + record.raw.size() <= text.data() + text.size());
    ROSTRUM_INVARIANT(record.row.has_value() == record.mistake.empty());
    if (!record.row) ROSTRUM_INVARIANT(fuzz::is_line_for_people(record.mistake, 512));
    ROSTRUM_INVARIANT(!record.last || &record == &records.back());
  }
}

bool are_same(const Row& one, const Row& other) {
  return one.member_id == other.member_id && one.jid == other.jid && one.display_name == other.display_name &&
         one.groups == other.groups && one.password.reveal() == other.password.reveal();
}

/// A record alone in a file of rejected ones.
void hold_aside(Format format, const Reader& reader, const Record& record) {
  const std::string aside = reader.head_with_remark() + reader.with_remark(record, kRemark);
  const auto again_reader = make_reader(format, aside);
  const auto again = records_of(*again_reader);
  if (!record.row) {
    for (const auto& one : again) ROSTRUM_INVARIANT(!one.row);
    return;
  }
  ROSTRUM_INVARIANT(again.size() == 1 && again.front().row);
  ROSTRUM_INVARIANT(are_same(*again.front().row, *record.row));
}

void read(Format format, std::string_view text) {
  try {
    const auto reader = make_reader(format, text);
    const auto records = records_of(*reader);
    hold_order(records, text);
    for (const auto& record : records) hold_aside(format, *reader, record);
    const auto found = survey(format, text);
    ROSTRUM_INVARIANT(found.rows == records.size() && found.bad <= found.rows);
    for (const auto& remark : found.mistakes) ROSTRUM_INVARIANT(fuzz::is_line_for_people(remark.text, 512));
  } catch (const Failure& failure) {  // the file as a whole
    ROSTRUM_INVARIANT(fuzz::is_line_for_people(failure.text, 512));
  }
}

void hold_csv(std::string_view text) {
  CsvParser parser(text);
  while (const auto record = parser.next()) {
    if (!record->mistake.empty()) continue;
    // Behind another line: a byte order mark is one only at the very beginning.
    const std::string line = csv_line(record->fields) + '\n';
    const std::string lines = "head\n" + line;
    CsvParser again_parser(lines);
    (void)again_parser.next();
    const auto again = again_parser.next();
    const bool is_empty = line == "\n" || line == "\r\n";  // one empty field, which is an empty line
    ROSTRUM_INVARIANT(is_empty || (again && again->mistake.empty() && again->fields == record->fields));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  const fuzz::AllocationMeter meter;
  read(Format::kCsv, text);
  read(Format::kJsonLines, text);
  hold_csv(text);
  ROSTRUM_INVARIANT(meter.most_bytes() <= 256 * 1024 + 512 * size);
  return 0;
}
