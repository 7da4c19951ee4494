// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/cli/import/csv.hpp"
#include "clients/cli/import/row.hpp"

namespace rostrum::cli::importing {

/// Members as comma-separated values. The first record names the columns, in any order: member_id and jid
/// must be there; display_name, groups, password count as empty where they are not; rejected is passed over.
class CsvReader final : public Reader {
 public:
  explicit CsvReader(std::string_view text);
  [[nodiscard]] std::optional<Record> next() override;
  [[nodiscard]] std::string with_remark(const Record& record, const std::string& remark) const override;
  [[nodiscard]] std::string head_with_remark() const override;

 private:
  [[nodiscard]] Row row_of(std::vector<std::string>& fields) const;

  CsvParser parser_;
  std::vector<std::string> columns_;
};

}  // namespace rostrum::cli::importing
