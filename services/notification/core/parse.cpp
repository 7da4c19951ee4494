// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/core/parse.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/text.hpp"
#include "rostrum/v1/event.pb.h"

namespace rostrum::notification {

namespace {

using MaybeError = std::optional<ParseError>;

constexpr TextRule kTitle{.max_bytes = 256, .may_be_empty = true, .one_line = true};
constexpr TextRule kBody{.max_bytes = 16'384, .may_be_empty = false};
constexpr TextRule kServersWords{.max_bytes = 256, .may_be_empty = true};
constexpr int kMaxGroups = 256;
constexpr int kMaxMembers = 1'000;
constexpr std::size_t kMaxConditionBytes = 64;
constexpr std::int64_t kLastSecondOfYear9999 = 253'402'300'799;  // as google.protobuf.Timestamp
constexpr auto kLongestLife = std::chrono::hours(24 * 366);

ParseError missing(const std::string& field) {
  return {Flaw::kMissingField, field + " is missing"};
}
ParseError invalid(const std::string& field, const std::string& why) {
  return {Flaw::kInvalidField, field + ": " + why};
}

/// The characters are one thing (INVALID_TEXT, with the byte), the size another (INVALID_FIELD).
ParseError bad_text(const std::string& field, const TextError& error) {
  const bool size = error.fault == TextFault::kTooLong || error.fault == TextFault::kEmpty;
  return {size ? Flaw::kInvalidField : Flaw::kInvalidText, field + ": " + error.describe()};
}

MaybeError check_field(const std::string& field, std::string_view text, const TextRule& rule) {
  if (const auto error = check_text(text, rule)) return bad_text(field, *error);
  return std::nullopt;
}

/// Notices, receipts and bounces name what they are about in their payload (event.proto).
MaybeError check_no_subject(const v1::Event& event) {
  if (!event.subject().empty()) return invalid("subject", "must be empty for this type of event");
  return std::nullopt;
}

/// The names of an audience, sorted, each once.
template <class Id, class Ids>
Result<std::vector<std::string>, ParseError> parse_ids(const std::string& field, const Ids& ids, int most) {
  if (ids.empty()) return missing(field);
  if (ids.size() > most) {
    return invalid(field,
                   std::to_string(ids.size()) + " entries, at most " + std::to_string(most) + " are allowed");
  }
  std::vector<std::string> names;
  for (int i = 0; i < ids.size(); ++i) {
    const auto id = Id::parse(ids.Get(i));
    if (!id) return bad_text(field + "[" + std::to_string(i) + "]", id.error());
    names.push_back(id.value().text());
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Result<Audience, ParseError> parse_audience(const v1::Audience& audience) {
  if (audience.has_all()) return Audience{AudienceKind::kAll, {}};
  if (audience.has_groups()) {
    auto ids = parse_ids<GroupId>("audience.groups.group_ids", audience.groups().group_ids(), kMaxGroups);
    if (!ids) return ids.error();
    return Audience{AudienceKind::kGroups, std::move(ids).value()};
  }
  if (audience.has_members()) {
    auto ids =
        parse_ids<MemberId>("audience.members.member_ids", audience.members().member_ids(), kMaxMembers);
    if (!ids) return ids.error();
    return Audience{AudienceKind::kMembers, std::move(ids).value()};
  }
  return missing("audience");
}

Result<WallTime, ParseError> parse_expiry(const google::protobuf::Timestamp& stamp) {
  const bool in_range = stamp.seconds() >= 0 && stamp.seconds() <= kLastSecondOfYear9999;
  if (!in_range || stamp.nanos() < 0 || stamp.nanos() > 999'999'999) {
    return invalid("expires_at", "not a moment between 1970 and 9999");
  }
  return WallTime(std::chrono::seconds(stamp.seconds()) + Milliseconds(stamp.nanos() / 1'000'000));
}

/// RFC 6120 §8.3.3: a name like `service-unavailable`.
MaybeError check_condition(const std::string& condition) {
  if (condition.empty()) return missing("condition");
  const bool good =
      condition.size() <= kMaxConditionBytes && std::all_of(condition.begin(), condition.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
      });
  if (!good) return invalid("condition", "1 to 64 lower-case letters, digits and hyphens are allowed");
  return std::nullopt;
}

Result<Feedback, ParseError> parse_stanza_and_sender(const std::string& stanza_id, const std::string& from) {
  if (stanza_id.empty()) return missing("stanza_id");
  if (from.empty()) return missing("from");
  auto sender = Jid::parse(from);
  if (!sender) return ParseError{Flaw::kInvalidJid, "from: " + std::string(describe(sender.error()))};
  return Feedback{StanzaId::parse(stanza_id), std::move(sender).value(), false};
}

Result<Feedback, ParseError> parse_bounce(const v1::MessageBounced& bounced) {
  auto feedback = parse_stanza_and_sender(bounced.stanza_id(), bounced.from());
  if (!feedback) return feedback;
  if (auto error = check_condition(bounced.condition())) return *error;
  if (auto error = check_field("text", bounced.text(), kServersWords)) return *error;
  auto bounce = std::move(feedback).value();
  bounce.bounced = true;
  bounce.condition = bounced.condition();
  bounce.text = bounced.text();
  return bounce;
}

}  // namespace

Result<Notice, ParseError> parse_notice(const v1::Event& event) {
  if (auto error = check_no_subject(event)) return *error;
  const auto& published = event.notice_published();
  Notice notice;
  switch (published.kind()) {
    case v1::NOTICE_KIND_ALERT:
      notice.kind = Kind::kAlert;
      break;
    case v1::NOTICE_KIND_ANNOUNCEMENT:
      notice.kind = Kind::kAnnouncement;
      break;
    default:
      return invalid("kind", "neither an announcement nor an alert");
  }
  auto audience = parse_audience(published.audience());
  if (!audience) return audience.error();
  notice.audience = std::move(audience).value();
  if (auto error = check_field("title", published.title(), kTitle)) return *error;
  if (published.body().empty()) return missing("body");
  if (auto error = check_field("body", published.body(), kBody)) return *error;
  if (published.has_expires_at()) {
    const auto expiry = parse_expiry(published.expires_at());
    if (!expiry) return expiry.error();
    notice.expires_at = expiry.value();
  }
  notice.title = published.title();
  notice.body = published.body();
  return notice;
}

Result<Feedback, ParseError> parse_feedback(const v1::Event& event) {
  if (auto error = check_no_subject(event)) return *error;
  switch (event.payload_case()) {
    case v1::Event::kReceiptReceived:
      return parse_stanza_and_sender(event.receipt_received().stanza_id(), event.receipt_received().from());
    case v1::Event::kMessageBounced:
      return parse_bounce(event.message_bounced());
    default:
      return ParseError{Flaw::kUnknownType, "neither a receipt nor a bounce"};
  }
}

std::optional<WallTime> expiry_of(const Notice& notice, WallTime now, Milliseconds default_life) {
  if (!notice.expires_at) return now + default_life;
  if (*notice.expires_at <= now || *notice.expires_at > now + kLongestLife) return std::nullopt;
  return notice.expires_at;
}

}  // namespace rostrum::notification
