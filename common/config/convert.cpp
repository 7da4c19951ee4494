// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/config/convert.hpp"

#include <charconv>

#include "common/base/text.hpp"

namespace rostrum::config {

namespace {

constexpr std::size_t kMaxTextBytes = 4096;

std::optional<Problem> text_problem(std::string_view text) {
  const auto error = check_text(text, {.max_bytes = kMaxTextBytes, .one_line = true});
  return error ? std::optional(Problem{error->describe()}) : std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> items;
  while (!list.empty()) {
    const auto comma = list.find(',');
    items.emplace_back(trimmed(list.substr(0, comma)));
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return items;
}

}  // namespace

std::string in_quotes(std::string_view value) {
  return "\"" + printable(value, 80) + "\"";
}

std::string joined(const std::vector<std::string>& items) {
  std::string all;
  for (const auto& item : items) all += (all.empty() ? "" : ", ") + item;
  return all;
}

Converted<std::string> to_text(const State::Found& found) {
  const auto* text = found.in_environment != nullptr ? found.in_environment
                                                     : std::get_if<std::string>(&found.in_file->content);
  if (text == nullptr) return Problem{"must be a text, in quotes"};
  if (auto problem = text_problem(*text)) return *problem;
  return *text;
}

Converted<std::int64_t> to_integer(const State::Found& found) {
  if (found.in_environment == nullptr) {
    const auto* integer = std::get_if<std::int64_t>(&found.in_file->content);
    return integer != nullptr ? Converted<std::int64_t>(*integer)
                              : Problem{"must be a whole number, without quotes"};
  }
  const auto& text = *found.in_environment;
  const auto* end = text.data() + text.size();
  std::int64_t integer = 0;
  const auto parsed = std::from_chars(text.data(), end, integer);
  if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != end)
    return Problem{in_quotes(text) + " is not a whole number"};
  return integer;
}

Converted<bool> to_flag(const State::Found& found) {
  if (found.in_environment == nullptr) {
    const auto* flag = std::get_if<bool>(&found.in_file->content);
    return flag != nullptr ? Converted<bool>(*flag) : Problem{"must be true or false, without quotes"};
  }
  if (*found.in_environment == "true") return true;
  if (*found.in_environment == "false") return false;
  return Problem{in_quotes(*found.in_environment) + " is neither true nor false"};
}

Converted<std::vector<std::string>> to_texts(const State::Found& found) {
  std::vector<std::string> items;
  if (found.in_environment != nullptr) {
    items = split(*found.in_environment);
  } else if (const auto* list = std::get_if<std::vector<std::string>>(&found.in_file->content)) {
    items = *list;
  } else {
    return Problem{"must be a list of texts, [\"…\", \"…\"]"};
  }
  for (const auto& item : items) {
    if (item.empty()) return Problem{"has an empty entry"};
    if (auto problem = text_problem(item)) return *problem;
  }
  return items;
}

}  // namespace rostrum::config
