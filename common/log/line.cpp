// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/log/line.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "common/base/text.hpp"

namespace rostrum::log {

namespace {

constexpr std::size_t kMaxValueBytes = 1024;
constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD
constexpr std::string_view kCutMark = "\xe2\x80\xa6";      // an ellipsis

std::string_view lower_name(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "unknown";
}

std::string_view upper_name(Level level) {
  switch (level) {
    case Level::kDebug:
      return "DEBUG";
    case Level::kInfo:
      return "INFO";
    case Level::kWarning:
      return "WARNING";
    case Level::kError:
      return "ERROR";
  }
  return "UNKNOWN";
}

/// RFC 3339, UTC, to the millisecond. gmtime_r and friends bring locales and time zones along; this is
/// arithmetic.
std::string timestamp(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 40> text{};
  (void)std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                      static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                      static_cast<int>(clock.subseconds().count()));
  return text.data();
}

/// At most kMaxValueBytes, not cut within a character.
std::string_view bounded(std::string_view value) {
  if (value.size() <= kMaxValueBytes) return value;
  auto end = kMaxValueBytes;
  for (int tail = 0; tail < 3 && (static_cast<unsigned char>(value[end]) & 0xc0U) == 0x80; ++tail) --end;
  return value.substr(0, end);
}

/// Text that is good in one line, with quotes and backslashes escaped.
void append_quotable(std::string& out, std::string_view good) {
  for (const char c : good) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
}

void append_escaped(std::string& out, char32_t character) {
  std::array<char, 8> text{};
  (void)std::snprintf(text.data(), text.size(), "\\u%04x", static_cast<unsigned>(character));
  out += text.data();
}

std::size_t utf8_bytes(char32_t character) {
  return character < 0x80 ? 1 : character < 0x800 ? 2 : 3;
}

/// A JSON string of any bytes; always one line of UTF-8.
void append_json(std::string& out, std::string_view value) {
  const auto shown = bounded(value);
  out += '"';
  for (auto rest = shown; !rest.empty();) {
    const auto error = check_text(rest, {.max_bytes = kMaxValueBytes, .one_line = true});
    append_quotable(out, rest.substr(0, error ? error->byte_offset : rest.size()));
    if (!error) break;
    const bool broken = error->fault == TextFault::kNotUtf8;
    if (broken) {
      out += kReplacement;
    } else {
      append_escaped(out, error->character);  // all that one line forbids lies below U+10000
    }
    rest.remove_prefix(error->byte_offset + (broken ? 1 : utf8_bytes(error->character)));
  }
  if (shown.size() < value.size()) out += kCutMark;
  out += '"';
}

/// As it is where it reads as one word, else as JSON.
void append_word(std::string& out, std::string_view value) {
  const bool plain = !value.empty() && value.size() <= kMaxValueBytes &&
                     value.find_first_of(" \"\\=") == std::string_view::npos &&
                     !check_text(value, {.max_bytes = kMaxValueBytes, .one_line = true});
  if (plain) {
    out += value;
  } else {
    append_json(out, value);
  }
}

void append_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";  // JSON has no other word for it
    return;
  }
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(text.data(), end);
}

void append_value(std::string& out, const Field& field, Format format) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    format == Format::kJson ? append_json(out, *text) : append_word(out, *text);
  } else if (const auto* integer = std::get_if<std::int64_t>(&field.value)) {
    out += std::to_string(*integer);
  } else if (const auto* number = std::get_if<double>(&field.value)) {
    append_number(out, *number);
  } else {
    out += std::get<bool>(field.value) ? "true" : "false";
  }
}

std::string json(const Line& line) {
  std::string out = R"({"time":")" + timestamp(line.time) + R"(","level":")" +
                    std::string(lower_name(line.level)) + R"(","service":)";
  append_json(out, line.service);
  out += R"(,"event":)";
  append_json(out, line.event);
  for (const auto& field : line.fields) {
    out += ',';
    append_json(out, field.key);
    out += ':';
    append_value(out, field, Format::kJson);
  }
  return out + "}";
}

std::string text(const Line& line) {
  std::string out = timestamp(line.time) + " " + std::string(upper_name(line.level)) + " ";
  append_word(out, line.service);
  out += ' ';
  append_word(out, line.event);
  for (const auto& field : line.fields) {
    out += ' ';
    append_word(out, field.key);
    out += '=';
    append_value(out, field, Format::kText);
  }
  return out;
}

}  // namespace

std::string written(const Line& line, Format format) {
  return format == Format::kJson ? json(line) : text(line);
}

}  // namespace rostrum::log
