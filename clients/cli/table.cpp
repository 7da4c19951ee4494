// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/table.hpp"

#include <algorithm>
#include <numeric>

#include "clients/cli/width.hpp"
#include "common/base/text.hpp"

namespace rostrum::cli {

namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 8;  // a column is never cut below this
constexpr std::size_t kLongestCellBytes = 4'096;

/// What a cell shows of a text.
std::string shown(const std::string& text) {
  return text.empty() ? "-" : unstacked(printable(text, kLongestCellBytes));
}

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::string cell = cut(text, width);
  const std::string blanks(width - width_of(cell), ' ');
  return right ? blanks + cell : cell + blanks;
}

/// The widest column that may give something; nothing when none may be narrower.
std::size_t* widest(std::vector<std::size_t>& widths, const std::vector<Table::Column>& columns, bool whole) {
  std::size_t* found = nullptr;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (columns[i].whole == whole && widths[i] > kNarrowest && (found == nullptr || widths[i] > *found))
      found = &widths[i];
  }
  return found;
}

/// Takes from the widest column until all fit or none may be narrower; from those to be copied in the end.
void squeeze(std::vector<std::size_t>& widths, const std::vector<Table::Column>& columns, std::size_t width) {
  const std::size_t gaps = kGap * (widths.size() - 1);
  while (std::accumulate(widths.begin(), widths.end(), gaps) > width) {
    auto* giver = widest(widths, columns, false);
    if (giver == nullptr) giver = widest(widths, columns, true);
    if (giver == nullptr) return;
    --*giver;
  }
}

using Lines = std::vector<std::vector<std::string>>;

Lines printable_lines(const Table& table) {
  Lines lines(1);
  for (const auto& column : table.columns) lines.front().push_back(column.title);
  for (const auto& row : table.rows) {
    auto& line = lines.emplace_back();
    for (const auto& cell : row) line.push_back(shown(cell));
  }
  return lines;
}

}  // namespace

std::string Table::render(std::size_t width) const {
  const Lines lines = printable_lines(*this);
  std::vector<std::size_t> widths(columns.size(), 0);
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], width_of(line[i]));
  }
  squeeze(widths, columns, width);

  std::string out;
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < widths.size(); ++i)
      text += (i == 0 ? "" : std::string(kGap, ' ')) + padded(line[i], widths[i], columns[i].right);
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + '\n';
  }
  return out;
}

std::string fixed_line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::string text;
  for (std::size_t i = 0; i < widths.size(); ++i)
    text += (i == 0 ? "" : std::string(kGap, ' ')) + padded(shown(cells[i]), widths[i], false);
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

}  // namespace rostrum::cli
