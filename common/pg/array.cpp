// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/pg/array.hpp"

#include <algorithm>

#include "common/base/result.hpp"

namespace rostrum::pg {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

void append_hex(std::string& text, std::string_view bytes) {
  auto at = text.size();
  text.resize(at + 2 * bytes.size());
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text[at++] = kDigits[value >> 4U];
    text[at++] = kDigits[value & 0x0FU];
  }
}

bool is_special(char c) {
  return c == '"' || c == '\\';
}

unsigned digit_value(char digit) {
  const auto value = kDigits.find(digit);
  ROSTRUM_INVARIANT(value !=
                    std::string_view::npos);  // PostgreSQL writes lower-case hexadecimal (bytea_output = hex)
  return static_cast<unsigned>(value);
}

}  // namespace

/// Opens what end() closes.
void Array::next() {
  if (text_.size() > 2)
    text_.back() = ',';
  else
    text_.pop_back();
}

void Array::add(std::string_view element) {
  next();
  text_ += '"';
  if (std::none_of(element.begin(), element.end(), is_special)) {  // nearly always
    text_ += element;
  } else {
    for (const char c : element) {
      if (is_special(c)) text_ += '\\';
      text_ += c;
    }
  }
  text_ += '"';
  end();
}

void Array::add(std::int64_t element) {
  next();
  text_ += std::to_string(element);
  end();
}

void Array::add(bool element) {
  next();
  text_ += element ? 't' : 'f';
  end();
}

void Array::add(const std::optional<std::string>& element) {
  element ? add(std::string_view(*element)) : add_null();
}

void Array::add(const Uuid& element) {
  next();
  append_hex(text_, element.bytes());
  end();
}

void Array::add_null() {
  next();
  text_ += "NULL";
  end();
}

void Array::add_bytes(std::string_view bytes) {
  next();
  text_ += R"("\\x)";
  append_hex(text_, bytes);
  text_ += '"';
  end();
}

void Array::add_bytes(const std::optional<std::string>& bytes) {
  bytes ? add_bytes(std::string_view(*bytes)) : add_null();
}

std::string bytea_text(std::string_view bytes) {
  std::string text = "\\x";
  append_hex(text, bytes);
  return text;
}

std::string bytes_of_bytea(std::string_view text) {
  ROSTRUM_INVARIANT(text.starts_with("\\x") && text.size() % 2 == 0);
  std::string bytes;
  bytes.reserve(text.size() / 2 - 1);
  for (std::size_t i = 2; i < text.size(); i += 2) {
    bytes += static_cast<char>(digit_value(text[i]) << 4U | digit_value(text[i + 1]));
  }
  return bytes;
}

}  // namespace rostrum::pg
