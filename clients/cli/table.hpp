// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rostrum::cli {

/// Columns for a terminal. Whatever a cell holds, it stays on its line and moves no cursor: control
/// characters become '?'.
struct Table {
  struct Column {
    std::string title;
    bool right = false;  ///< numbers
    bool whole = false;  ///< never cut: ids that are to be copied
  };
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  ///< as many cells as columns; empty cells are shown as "-"

  /// Two blanks between columns; where the lines would be wider than `width` characters the widest columns
  /// are cut, with "…".
  [[nodiscard]] std::string render(std::size_t width = 100) const;
};

/// Characters of a UTF-8 text, one cell each.
[[nodiscard]] std::size_t width_of(std::string_view text);

}  // namespace rostrum::cli
