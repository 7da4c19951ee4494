// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/table.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>

#include "common/base/text.hpp"

namespace rostrum::cli {

namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 8;  // a column is never cut below this
constexpr std::size_t kLongestCellBytes = 4'096;

bool continues(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

std::string cut(const std::string& text, std::size_t width) {
  if (width_of(text) <= width) return text;
  std::size_t byte = 0;
  for (std::size_t seen = 0; seen + 1 < width; ++seen) {
    ++byte;
    while (byte < text.size() && continues(text[byte])) ++byte;
  }
  return text.substr(0, byte) + "…";
}

/// Takes from the widest column that may be cut, until all fit or none may be narrower.
void squeeze(std::vector<std::size_t>& widths, const std::vector<Table::Column>& columns, std::size_t width) {
  const std::size_t gaps = kGap * (widths.size() - 1);
  while (std::accumulate(widths.begin(), widths.end(), gaps) > width) {
    std::size_t* widest = nullptr;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (!columns[i].whole && (widest == nullptr || widths[i] > *widest)) widest = &widths[i];
    }
    if (widest == nullptr || *widest <= kNarrowest) return;
    --*widest;
  }
}

using Lines = std::vector<std::vector<std::string>>;

Lines printable_lines(const Table& table) {
  Lines lines(1);
  for (const auto& column : table.columns) lines.front().push_back(column.title);
  for (const auto& row : table.rows) {
    auto& line = lines.emplace_back();
    for (const auto& cell : row) line.push_back(cell.empty() ? "-" : printable(cell, kLongestCellBytes));
  }
  return lines;
}

}  // namespace

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return !continues(byte); }));
}

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
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const std::string cell = cut(line[i], widths[i]);
      const std::string blanks(widths[i] - width_of(cell), ' ');
      text += (i == 0 ? "" : std::string(kGap, ' ')) + (columns[i].right ? blanks + cell : cell + blanks);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + '\n';
  }
  return out;
}

}  // namespace rostrum::cli
