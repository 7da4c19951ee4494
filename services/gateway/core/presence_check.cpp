// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/presence_check.hpp"

#include <charconv>

#include "common/base/text.hpp"

namespace rostrum::gateway {
namespace {

constexpr std::size_t kMaxResourceBytes = 1'023;  // RFC 6122 §2.1
constexpr std::size_t kMaxStatusBytes = 1'024;

/// A whole number that fills the text.
template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return number;
}

std::optional<Show> show_of(std::string_view text) {
  if (text.empty()) return Show::kOnline;
  if (text == "chat") return Show::kChat;
  if (text == "away") return Show::kAway;
  if (text == "xa") return Show::kXa;
  if (text == "dnd") return Show::kDnd;
  return std::nullopt;
}

/// RFC 6121 §4.7.2.3, xs:byte; it may have a plus sign, which from_chars does not take.
std::optional<std::int8_t> priority_of(std::string_view text) {
  if (text.empty()) return 0;
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  return number_of<std::int8_t>(text);
}

std::string_view cut_at_character(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80;
  };
  while (max_bytes > 0 && continues(max_bytes)) --max_bytes;
  return text.substr(0, max_bytes);
}

}  // namespace

PresenceAddresses::PresenceAddresses(std::string domain, const std::vector<Jid>& reserved)
    : domain_(std::move(domain)) {
  for (const auto& account : reserved) reserved_.emplace(account.localpart());
}

Result<ResourceName, Distrust> PresenceAddresses::read(std::string_view full_jid) const {
  const auto slash = full_jid.find('/');
  const auto bare = Jid::parse(full_jid.substr(0, slash));
  if (!bare) return Distrust::kAddress;
  const auto& jid = bare.value();
  if (jid.domain() != domain_) return Distrust::kForeign;
  if (slash == std::string_view::npos) return Distrust::kNoResource;
  const auto resource = full_jid.substr(slash + 1);
  // No more than this of resourceprep: servers differ on what it allows, and the resource is theirs to name.
  if (check_text(resource, {.max_bytes = kMaxResourceBytes, .may_be_empty = false, .one_line = true}))
    return Distrust::kAddress;
  if (reserved_.contains(jid.localpart())) return Distrust::kReserved;
  return ResourceName(jid.localpart(), resource);
}

ResourceState read_state(const ToldState& told, Distrusts& distrusts) {
  const auto show = show_of(told.show);
  if (!show) distrusts.push_back(Distrust::kShow);
  const auto priority = priority_of(told.priority);
  if (!priority) distrusts.push_back(Distrust::kPriority);
  const auto status = cut_at_character(told.status, kMaxStatusBytes);
  const bool is_text = !check_text(status, {.max_bytes = kMaxStatusBytes});
  if (!is_text) distrusts.push_back(Distrust::kStatus);
  return {show.value_or(Show::kOnline), priority.value_or(std::int8_t{0}),
          is_text ? std::string(status) : std::string()};
}

std::optional<Milliseconds> read_age(std::string_view seconds) {
  constexpr std::uint32_t kLongest = 1U << 30U;
  const auto number = number_of<std::uint32_t>(seconds);
  if (!number || *number >= kLongest) return std::nullopt;
  return std::chrono::seconds(*number);
}

std::string_view label(Distrust reason) {
  switch (reason) {
    case Distrust::kForged:
      return "forged";
    case Distrust::kMalformed:
      return "malformed";
    case Distrust::kWrongWatch:
      return "wrong-watch";
    case Distrust::kGap:
      return "gap";
    case Distrust::kAddress:
      return "address";
    case Distrust::kForeign:
      return "foreign";
    case Distrust::kNoResource:
      return "no-resource";
    case Distrust::kReserved:
      return "reserved";
    case Distrust::kStranger:
      return "stranger";
    case Distrust::kType:
      return "type";
    case Distrust::kDelayed:
      return "delayed";
    case Distrust::kShow:
      return "show";
    case Distrust::kPriority:
      return "priority";
    case Distrust::kStatus:
      return "status";
    case Distrust::kAge:
      return "age";
    case Distrust::kEnding:
      return "ending";
    case Distrust::kTooMany:
      return "too-many";
  }
  fail_invariant("a Distrust without a label", __FILE__, __LINE__);
}

}  // namespace rostrum::gateway
