// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/duration.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace rostrum::cli {

namespace {

constexpr std::chrono::seconds kLongest = std::chrono::hours(24 * 366);

/// Seconds in one unit; 0 for what is no unit.
constexpr std::int64_t seconds_in(char unit) {
  switch (unit) {
    case 'd':
      return 86'400;
    case 'h':
      return 3'600;
    case 'm':
      return 60;
    case 's':
      return 1;
    default:
      return 0;
  }
}

}  // namespace

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  std::int64_t total = 0;
  std::int64_t smallest_so_far = seconds_in('d') + 1;
  while (!text.empty()) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end == text.data() + text.size()) return std::nullopt;
    const std::int64_t unit = seconds_in(*end);
    if (unit == 0 || unit >= smallest_so_far) return std::nullopt;
    smallest_so_far = unit;
    total += unit * number;
    text.remove_prefix(static_cast<std::size_t>(end + 1 - text.data()));
  }
  const std::chrono::seconds duration(total);
  if (total == 0 || duration > kLongest) return std::nullopt;
  return duration;
}

std::string check_duration(const std::string& text) {
  return parse_duration(text) ? std::string() : "not a duration, such as 90s, 15m, 2h or 1d12h: " + text;
}

std::string readable_duration(std::chrono::seconds duration) {
  constexpr std::array<std::pair<char, std::int64_t>, 4> kUnits{
      {{'d', 86'400}, {'h', 3'600}, {'m', 60}, {'s', 1}}};
  auto left = duration.count();
  std::string text;
  for (const auto& [unit, seconds] : kUnits) {
    const auto count = left / seconds;
    left %= seconds;
    if (!text.empty()) return count == 0 ? text : text + ' ' + std::to_string(count) + unit;
    if (count > 0 || unit == 's') text = std::to_string(count) + unit;
  }
  return text;
}

}  // namespace rostrum::cli
