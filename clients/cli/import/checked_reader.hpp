// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cli/import/row.hpp"
#include "clients/cli/import/row_check.hpp"

namespace rostrum::cli::importing {

/// Reads as another reader does, and finds what registration would refuse: such a record has its mistake
/// beside its row.
class CheckedReader final : public Reader {
 public:
  CheckedReader(Format format, std::string_view text) : reader_(make_reader(format, text)) {}
  [[nodiscard]] std::optional<Record> next() override;
  [[nodiscard]] std::string with_remark(const Record& record, const std::string& remark) const override {
    return reader_->with_remark(record, remark);
  }
  [[nodiscard]] std::string head_with_remark() const override { return reader_->head_with_remark(); }

 private:
  std::unique_ptr<Reader> reader_;
  Uniqueness uniqueness_;
};

/// Something wrong in a file; for people.
struct Remark {
  std::size_t line;
  std::string text;
};

/// What a whole file holds.
struct Survey {
  std::size_t rows = 0;
  std::size_t bad = 0;
  std::size_t with_password = 0;  ///< of the good ones
  std::set<std::string> groups;   ///< of the good ones
  std::vector<Remark> mistakes;   ///< the first kMostRemarks
  bool readable = true;           ///< to its end
};
inline constexpr std::size_t kMostRemarks = 1'000;

[[nodiscard]] Survey survey(Format format, std::string_view text);

}  // namespace rostrum::cli::importing
