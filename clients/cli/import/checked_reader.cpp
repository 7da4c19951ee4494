// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/import/checked_reader.hpp"

namespace rostrum::cli::importing {

std::optional<Record> CheckedReader::next() {
  auto record = reader_->next();
  if (!record || !record->row) return record;
  auto wrong = check_row(*record->row);
  if (!wrong) wrong = uniqueness_.check(*record->row, record->line);
  if (wrong) record->mistake = *wrong;
  return record;
}

Survey survey(Format format, std::string_view text) {
  CheckedReader reader(format, text);
  Survey found;
  while (const auto record = reader.next()) {
    ++found.rows;
    found.readable = !record->last;
    if (!record->mistake.empty()) {
      ++found.bad;
      if (found.mistakes.size() < kMostRemarks) found.mistakes.push_back({record->line, record->mistake});
      continue;
    }
    found.with_password += record->row->password.empty() ? 0U : 1U;
    found.groups.insert(record->row->groups.begin(), record->row->groups.end());
  }
  return found;
}

}  // namespace rostrum::cli::importing
