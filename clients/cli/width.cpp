// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/width.hpp"

#include <cwchar>

#include <locale.h>

namespace rostrum::cli {

namespace {

constexpr std::size_t kMostStacked = 4;

/// The one locale that is always there and knows all characters, for this thread and for a moment.
class AllCharacters {
 public:
  AllCharacters() : before_(::uselocale(locale())) {}
  ~AllCharacters() { ::uselocale(before_); }
  AllCharacters(const AllCharacters&) = delete;
  AllCharacters& operator=(const AllCharacters&) = delete;

 private:
  /// Where it is missing every byte counts as one column.
  static locale_t locale() {
    static const locale_t kLocale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return kLocale;
  }
  locale_t before_;
};

/// A character at the beginning of a text.
struct Character {
  std::size_t bytes;
  std::size_t columns;
};

Character first_of(std::string_view text) {
  std::mbstate_t state{};
  wchar_t wide = 0;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the state is ours
  const std::size_t bytes = std::mbrtowc(&wide, text.data(), text.size(), &state);
  if (bytes == 0 || bytes > text.size()) return {1, 1};
  const int columns = ::wcwidth(wide);  // -1: newer than the table; most of those take one
  return {bytes, columns < 0 ? 1U : static_cast<std::size_t>(columns)};
}

}  // namespace

std::size_t width_of(std::string_view text) {
  const AllCharacters all;
  std::size_t columns = 0;
  while (!text.empty()) {
    const auto character = first_of(text);
    columns += character.columns;
    text.remove_prefix(character.bytes);
  }
  return columns;
}

std::string cut(std::string_view text, std::size_t width) {
  if (width_of(text) <= width) return std::string(text);
  const AllCharacters all;
  std::size_t bytes = 0;
  for (std::size_t columns = 0; bytes < text.size();) {
    const auto character = first_of(text.substr(bytes));
    columns += character.columns;
    if (columns + 1 > width) break;
    bytes += character.bytes;
  }
  return std::string(text.substr(0, bytes)) + "…";
}

std::string unstacked(std::string_view text) {
  const AllCharacters all;
  std::string kept;
  std::size_t stacked = 0;
  while (!text.empty()) {
    const auto character = first_of(text);
    stacked = character.columns == 0 ? stacked + 1 : 0;
    if (stacked <= kMostStacked) kept += text.substr(0, character.bytes);
    text.remove_prefix(character.bytes);
  }
  return kept;
}

}  // namespace rostrum::cli
