// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/import/row.hpp"

#include <algorithm>
#include <filesystem>

#include "clients/cli/exit_code.hpp"
#include "clients/cli/import/csv_reader.hpp"
#include "clients/cli/import/json_reader.hpp"

namespace rostrum::cli::importing {

std::optional<Format> format_of(const std::string& chosen, const std::string& file) {
  const std::string name = chosen.empty() ? std::filesystem::path(file).extension().string() : "." + chosen;
  if (name == ".csv") return Format::kCsv;
  if (name == ".jsonl" || name == ".ndjson") return Format::kJsonLines;
  return std::nullopt;
}

std::unique_ptr<Reader> make_reader(Format format, std::string_view text) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
    throw Failure{ExitCode::kUsage, "the file is in UTF-16; save it as UTF-8"};
  if (format == Format::kCsv) return std::make_unique<CsvReader>(text);
  return std::make_unique<JsonReader>(text);
}

std::vector<std::string> split_groups(std::string_view field) {
  std::vector<std::string> groups;
  while (!field.empty()) {
    const auto end = std::min(field.find_first_of(";|"), field.size());
    const auto group = field.substr(0, end);
    const auto begin = group.find_first_not_of(' ');
    if (begin != std::string_view::npos)
      groups.emplace_back(group.substr(begin, group.find_last_not_of(' ') - begin + 1));
    field.remove_prefix(std::min(end + 1, field.size()));
  }
  return groups;
}

}  // namespace rostrum::cli::importing
