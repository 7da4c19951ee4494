// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/cli/import/csv.hpp"
#include "clients/cli/import/row.hpp"

namespace rostrum::cli::importing {

/// Members as comma-separated values. The first record names the columns, in any order: member_id and jid
/// must be there; display_name, groups, password count as empty where they are not; rejected is passed over.
/// Remarks are put into that column; a file without one gets it in front.
class CsvReader final : public Reader {
 public:
  explicit CsvReader(std::string_view text);
  [[nodiscard]] std::optional<Record> next() override;
  [[nodiscard]] std::string with_remark(const Record& record, const std::string& remark) const override;
  [[nodiscard]] std::string head_with_remark() const override;

 private:
  [[nodiscard]] Row row_of(std::vector<std::string>& fields) const;
  [[nodiscard]] std::string unreadable_with_remark(std::string_view raw, const std::string& remark) const;

  CsvParser parser_;
  std::vector<std::string> columns_;
  std::optional<std::size_t> remark_at_;  ///< which of the columns holds remarks, if one does
};

}  // namespace rostrum::cli::importing
