// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/core/stanza_id.hpp"

#include <algorithm>

namespace rostrum::notification {

namespace {

constexpr std::size_t kUuidChars = 36;
constexpr std::size_t kTokenChars = 32;

std::string with_hyphens(std::string_view digits) {
  std::string text(digits);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, "-");
  return text;
}

}  // namespace

std::optional<StanzaId> StanzaId::parse(std::string_view text) {
  if (text.size() != kUuidChars + 1 + kTokenChars || text[kUuidChars] != '.') return std::nullopt;
  const auto notice = Uuid::parse(text.substr(0, kUuidChars));
  const auto token = Uuid::parse(with_hyphens(text.substr(kUuidChars + 1)));
  if (!notice || !token) return std::nullopt;
  const StanzaId id{*notice, *token};
  if (id.text() != text) return std::nullopt;  // upper case: not as we made it
  return id;
}

std::string StanzaId::text() const {
  auto digits = token.to_string();
  digits.erase(std::remove(digits.begin(), digits.end(), '-'), digits.end());
  return notice.to_string() + "." + digits;
}

}  // namespace rostrum::notification
