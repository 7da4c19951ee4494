// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/moment.hpp"

#include <cstdio>
#include <cstdlib>
#include <regex>

#include "clients/cli/duration.hpp"

namespace rostrum::cli {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t kLongest = 40;

// Nobody was seen before, and behind it a year takes five digits.
constexpr Moment kFirst = std::chrono::sys_days(std::chrono::year(1970) / 1 / 1);
constexpr Moment kBehind = std::chrono::sys_days(std::chrono::year(10'000) / 1 / 1);

int number(const std::ssub_match& digits) {
  return digits.matched ? static_cast<int>(std::strtol(digits.str().c_str(), nullptr, 10)) : 0;
}

std::optional<microseconds> time_of_day(const std::ssub_match& hour, const std::ssub_match& minute,
                                        const std::ssub_match& second) {
  if (number(hour) > 23 || number(minute) > 59 || number(second) > 59) return std::nullopt;
  return hours(number(hour)) + minutes(number(minute)) + seconds(number(second));
}

/// Digits behind the point; beyond the sixth they are dropped.
microseconds fraction(const std::ssub_match& digits) {
  const std::string six = (digits.str() + "000000").substr(0, 6);
  return microseconds(std::strtol(six.c_str(), nullptr, 10));
}

/// Today's, or yesterday's where that is still to come.
std::optional<Moment> last_time(const std::smatch& match, Moment now) {
  const auto time = time_of_day(match[1], match[2], match[3]);
  if (!time) return std::nullopt;
  const Moment today = std::chrono::floor<days>(now) + *time;
  return today <= now ? today : today - days(1);
}

std::optional<Moment> calendar(const std::smatch& match) {
  const std::chrono::year_month_day date(std::chrono::year(number(match[1])),
                                         std::chrono::month(static_cast<unsigned>(number(match[2]))),
                                         std::chrono::day(static_cast<unsigned>(number(match[3]))));
  const auto time = time_of_day(match[4], match[5], match[6]);
  if (!date.ok() || !time) return std::nullopt;
  const auto offset = time_of_day(match[9], match[10], {});
  if (!offset) return std::nullopt;
  const Moment moment = std::chrono::sys_days(date) + *time + fraction(match[7]);
  return match[8] == "-" ? moment + *offset : moment - *offset;
}

/// However early or late.
std::optional<Moment> any_moment(std::string_view text, Moment now) {
  static const std::regex kTime(R"((\d\d?):(\d\d)(?::(\d\d))?)");
  static const std::regex kCalendar(R"((\d{4})-(\d\d)-(\d\d))"
                                    R"((?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?)"
                                    R"((?: ?(?:[Zz]|UTC|([+-])(\d\d):?(\d\d)))?)");
  if (text.size() > kLongest) return std::nullopt;
  if (const auto ago = parse_duration(text)) return now - *ago;
  const std::string whole(text);
  std::smatch match;
  if (std::regex_match(whole, match, kTime)) return last_time(match, now);
  if (std::regex_match(whole, match, kCalendar)) return calendar(match);
  return std::nullopt;
}

}  // namespace

std::optional<Moment> parse_moment(std::string_view text, Moment now) {
  const auto moment = any_moment(text, now);
  return moment && *moment >= kFirst && *moment < kBehind ? moment : std::nullopt;
}

std::string to_rfc3339(Moment moment) {
  const auto day = std::chrono::floor<days>(moment);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(moment - day);
  char text[40];
  (void)std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02ld:%02ld:%02ld.%06ldZ",
                      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                      static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(),
                      time.seconds().count(), time.subseconds().count());
  return text;
}

Moment now() {
  return std::chrono::floor<microseconds>(std::chrono::system_clock::now());
}

std::string check_moment(const std::string& text) {
  const Moment present = now();
  if (parse_moment(text, present)) return {};
  if (any_moment(text, present)) return "before 1970, or after the year 9999: " + text;
  return "not a moment, such as " + std::string(kMomentHelp) + ": " + text;
}

}  // namespace rostrum::cli
