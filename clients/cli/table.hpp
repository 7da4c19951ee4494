// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace rostrum::cli {

/// Columns for a terminal. Whatever a cell holds, it stays in its place and moves no cursor: controls become
/// '?', and accents do not pile up.
struct Table {
  struct Column {
    std::string title;
    bool right = false;  ///< numbers
    bool whole = false;  ///< cut last: ids that are to be copied
  };
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  ///< as many cells as columns; empty cells are shown as "-"

  /// Two blanks between columns; where the lines would be wider than `width` columns of the terminal the
  /// widest cells are cut, with "…".
  [[nodiscard]] std::string render(std::size_t width = 100) const;
};

/// One line of a table whose end is not known yet: each cell in so many columns, the last without blanks
/// behind.
[[nodiscard]] std::string fixed_line(const std::vector<std::string>& cells,
                                     const std::vector<std::size_t>& widths);

}  // namespace rostrum::cli
