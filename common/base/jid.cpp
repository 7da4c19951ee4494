// SPDX-License-Identifier: Apache-2.0
#include "common/base/jid.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <stringprep.h>

#include "common/base/text.hpp"

namespace rostrum {

namespace {

constexpr std::size_t kMaxPartBytes = 1023;   // RFC 6122 §2.1
constexpr std::size_t kMaxDomainBytes = 253;  // RFC 1035 §2.3.4, written with dots
constexpr std::size_t kMaxLabelBytes = 63;    // RFC 1035 §2.3.4
constexpr std::string_view kEscapedSpace = "\\20";

using Prepared = Result<std::string, JidError>;

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  for (auto& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

/// RFC 6122 appendix A.5, and the space and the controls of RFC 3454 C.1.1 and C.2.1: what no ASCII localpart
/// has.
bool is_forbidden_in_localpart(unsigned char c) {
  return c <= ' ' || c == 0x7f ||
         std::string_view("\"&'/:<>@").find(static_cast<char>(c)) != std::string_view::npos;
}

Prepared stringprepped(std::string_view text, const Stringprep_profile* profile) {
  std::array<char, kMaxPartBytes + 1> buffer{};
  std::copy(text.begin(), text.end(), buffer.begin());
  // Unassigned code points are refused (RFC 3454 §7, "stored strings"): libraries normalise them differently.
  const int outcome = ::stringprep(buffer.data(), buffer.size(), STRINGPREP_NO_UNASSIGNED, profile);
  if (outcome == STRINGPREP_TOO_SMALL_BUFFER) return JidError::kTooLong;
  if (outcome != STRINGPREP_OK) return JidError::kForbiddenCharacter;
  return std::string(buffer.data());
}

/// Prepared such that preparing again changes nothing: the server will prepare what we send.
Prepared stably_prepared(std::string_view text, const Stringprep_profile* profile) {
  const auto once = stringprepped(text, profile);
  if (!once) return once.error();
  const auto twice = stringprepped(once.value(), profile);
  if (!twice || twice.value() != once.value()) return JidError::kForbiddenCharacter;
  return once.value();
}

Prepared prepare_localpart(std::string_view text) {
  if (text.empty()) return JidError::kNoLocalpart;
  // Nearly every localpart is ASCII, where nodeprep is this; libidn's tables cost microseconds.
  auto prepared =
      is_ascii(text) ? Prepared(ascii_lower(text)) : stably_prepared(text, stringprep_xmpp_nodeprep);
  if (!prepared) return prepared.error();
  const auto& localpart = prepared.value();
  if (localpart.empty()) return JidError::kNoLocalpart;
  if (std::any_of(localpart.begin(), localpart.end(), is_forbidden_in_localpart))
    return JidError::kForbiddenCharacter;
  if (localpart.starts_with(kEscapedSpace) || localpart.ends_with(kEscapedSpace))
    return JidError::kForbiddenCharacter;
  return prepared;
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > kMaxLabelBytes || label.front() == '-' || label.back() == '-')
    return false;
  return std::all_of(label.begin(), label.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool is_host_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxDomainBytes) return false;
  for (;;) {
    const auto dot = name.find('.');
    const auto label = name.substr(0, dot);
    if (!is_label(label)) return false;
    // A name whose last label is a number is an IPv4 address to everybody who resolves it (RFC 3696 §2).
    if (dot == std::string_view::npos) return label.find_first_not_of("0123456789") != std::string_view::npos;
    name.remove_prefix(dot + 1);
  }
}

Prepared prepare_host_name(std::string_view text) {
  auto prepared = is_ascii(text) ? Prepared(ascii_lower(text)) : stably_prepared(text, stringprep_nameprep);
  if (!prepared) return prepared.error();
  if (!is_host_name(prepared.value())) return JidError::kInvalidDomain;
  return prepared;
}

/// What holds for every part before it may be handed to stringprep.
std::optional<JidError> part_error(std::string_view part) {
  if (part.size() > kMaxPartBytes) return JidError::kTooLong;
  const auto error = check_text(part, {.max_bytes = kMaxPartBytes});
  if (!error) return std::nullopt;
  return error->fault == TextFault::kNotUtf8 ? JidError::kNotUtf8 : JidError::kForbiddenCharacter;
}

constexpr std::string_view kEscaped = " \"&'/:<>@\\";  // XEP-0106 §3

/// The character that an escape sequence at the beginning of a text stands for; 0 where there is none of the
/// ten.
char escape_at(std::string_view rest) {
  if (rest.size() < 3 || rest[0] != '\\') return 0;
  unsigned value = 0;
  const auto* end = rest.data() + 3;
  if (std::from_chars(rest.data() + 1, end, value, 16).ptr != end) return 0;
  const auto meant = static_cast<char>(value);
  return kEscaped.find(meant) == std::string_view::npos ? '\0' : meant;
}

}  // namespace

std::string_view describe(JidError error) {
  switch (error) {
    case JidError::kEmpty:
      return "empty";
    case JidError::kTooLong:
      return "a part is longer than 1023 bytes";
    case JidError::kNotUtf8:
      return "not UTF-8";
    case JidError::kForbiddenCharacter:
      return "a character that the localpart of a JID must not have";
    case JidError::kNoLocalpart:
      return "no localpart before the @";
    case JidError::kHasResource:
      return "a resource, where a bare JID is wanted";
    case JidError::kEmptyResource:
      return "an empty resource";
    case JidError::kInvalidDomain:
      return "the domain is not a host name (ASCII letters, digits, hyphens, dots)";
    case JidError::kNotPrepared:
      return "not in its prepared form (upper case, compatibility or invisible characters)";
  }
  return "unknown error";
}

Result<Jid, JidError> Jid::prepare(std::string_view text) {
  if (text.empty()) return JidError::kEmpty;
  if (text.find('/') != std::string_view::npos) return JidError::kHasResource;
  const auto at = text.find('@');
  if (at == std::string_view::npos) return JidError::kNoLocalpart;
  for (const auto part : {text.substr(0, at), text.substr(at + 1)}) {
    if (const auto error = part_error(part)) return *error;
  }
  auto localpart = prepare_localpart(text.substr(0, at));
  if (!localpart) return localpart.error();
  const auto domain = prepare_host_name(text.substr(at + 1));
  if (!domain) return domain.error();
  const auto localpart_bytes = localpart.value().size();
  return Jid(std::move(localpart).value() + "@" + domain.value(), localpart_bytes);
}

Result<Jid, JidError> Jid::parse(std::string_view text) {
  auto prepared = prepare(text);
  if (prepared && prepared.value().text() != text) return JidError::kNotPrepared;
  return prepared;
}

Result<Jid, JidError> bare_of(std::string_view address) {
  // RFC 6122 §2.1: the first slash begins the resource, whatever stands in it.
  const auto slash = address.find('/');
  if (slash != std::string_view::npos && slash + 1 == address.size()) return JidError::kEmptyResource;
  return Jid::prepare(address.substr(0, slash));
}

Result<std::string, JidError> prepare_domain(std::string_view domain) {
  if (domain.empty()) return JidError::kEmpty;
  if (const auto error = part_error(domain)) return *error;
  return prepare_host_name(domain);
}

std::string escape_localpart(std::string_view login) {
  constexpr auto* kDigits = "0123456789abcdef";
  std::string localpart;
  localpart.reserve(login.size());
  for (std::size_t i = 0; i < login.size(); ++i) {
    const char c = login[i];
    // XEP-0106 §4.2: a backslash stays as it is unless it would read as one of the ten escapes.
    const bool needs_escape =
        c == '\\' ? escape_at(login.substr(i)) != 0 : kEscaped.find(c) != std::string_view::npos;
    if (!needs_escape) {
      localpart += c;
      continue;
    }
    localpart += '\\';
    localpart += kDigits[static_cast<unsigned char>(c) >> 4U];
    localpart += kDigits[static_cast<unsigned char>(c) & 15U];
  }
  return localpart;
}

std::string unescape_localpart(std::string_view localpart) {
  std::string login;
  login.reserve(localpart.size());
  while (!localpart.empty()) {
    const char meant = escape_at(localpart);
    login += meant != 0 ? meant : localpart[0];
    localpart.remove_prefix(meant != 0 ? 3 : 1);
  }
  return login;
}

}  // namespace rostrum
