// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/cli/import/row.hpp"

namespace rostrum::cli::importing {

/// Members as JSON Lines: an object a line, with the keys that CSV has as columns. Texts, or null for what is
/// left out; groups also as an array of texts.
class JsonReader final : public Reader {
 public:
  explicit JsonReader(std::string_view text);
  [[nodiscard]] std::optional<Record> next() override;
  [[nodiscard]] std::string with_remark(const Record& record, const std::string& remark) const override;
  [[nodiscard]] std::string head_with_remark() const override { return {}; }

 private:
  std::string_view text_;
  std::size_t line_ = 0;
};

}  // namespace rostrum::cli::importing
