// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever bytes come as an event: the envelope is good or there is a reason that can be sent back; what
// registration or notification then reads of it is within the contract's limits; what they refuse has a
// reason in words.
#include <algorithm>

#include "common/base/member_limits.hpp"
#include "common/bus/envelope.hpp"
#include "common/bus/message_types.hpp"
#include "common/bus/parse.hpp"
#include "rostrum/v1/event.pb.h"
#include "services/notification/core/parse.hpp"
#include "services/registration/core/parse.hpp"
#include "tests/fuzz/support/allocation.hpp"
#include "tests/fuzz/support/input.hpp"

namespace {

using namespace rostrum;

constexpr WallTime kNow{std::chrono::hours(24 * 365 * 56)};  // the seeds' ids are of some hours before
constexpr std::size_t kMaxWords = 1'024;
constexpr std::size_t kMaxEventBytes = 4'096;

const bus::AuthorizedKey& site() {
  static const bus::AuthorizedKey key{"site", *bus::PublicKey::parse(std::string(40, '0')),
                                      bus::all_message_types()};
  return key;
}

const registration::JidRules& jid_rules() {
  static const registration::JidRules rules{{"example.test"}, {Jid::parse("site@example.test").value()}};
  return rules;
}

Result<bus::Envelope, bus::EnvelopeFault> check(std::string_view bytes) {
  static const bus::LinkLimits limits{.max_event_bytes = kMaxEventBytes};
  const fuzz::AllocationMeter meter;
  auto envelope = bus::check_envelope(bytes, site(), {limits, bus::all_message_types()}, kNow);
  ROSTRUM_INVARIANT(meter.most_bytes() <= 64 * 1024 + 256 * bytes.size());
  return envelope;
}

void hold(const registration::MemberStated& member) {
  ROSTRUM_INVARIANT(member.revision >= 1);
  ROSTRUM_INVARIANT(Jid::parse(member.jid.text()).value() == member.jid);
  ROSTRUM_INVARIANT(jid_rules().domains.contains(member.jid.domain()));
  ROSTRUM_INVARIANT(!jid_rules().reserved.contains(member.jid));
  ROSTRUM_INVARIANT(member.groups.size() <= kMaxGroupsOfMember);
  ROSTRUM_INVARIANT(std::is_sorted(member.groups.begin(), member.groups.end()));
  ROSTRUM_INVARIANT(!check_text(member.display_name, {.max_bytes = kMaxDisplayNameBytes, .one_line = true}));
  ROSTRUM_INVARIANT(member.sealed_password.size() <= kMaxSealedPasswordBytes);
}

void read_as_registration(const bus::Envelope& envelope, const v1::Event& event) {
  const auto read = registration::parse({envelope.id, "site", envelope.type, event}, jid_rules());
  if (!read) {
    ROSTRUM_INVARIANT(read.error().code != v1::REJECTION_CODE_UNSPECIFIED);
    ROSTRUM_INVARIANT(fuzz::is_line_for_people(read.error().text, kMaxWords));
  } else if (const auto* member = std::get_if<registration::MemberStated>(&read.value())) {
    hold(*member);
  }
}

void read_as_notification(const v1::Event& event) {
  const auto feedback = notification::parse_feedback(event);
  if (!feedback) ROSTRUM_INVARIANT(fuzz::is_line_for_people(feedback.error().text, kMaxWords));
  if (!event.has_notice_published()) return;
  const auto notice = notification::parse_notice(event);
  if (!notice) {
    ROSTRUM_INVARIANT(fuzz::is_line_for_people(notice.error().text, kMaxWords));
    return;
  }
  ROSTRUM_INVARIANT(!check_text(notice.value().body, {.max_bytes = 16'384, .may_be_empty = false}));
  const auto& ids = notice.value().audience.ids;
  ROSTRUM_INVARIANT(ids.empty() == (notice.value().audience.kind == notification::AudienceKind::kAll));
  ROSTRUM_INVARIANT(std::adjacent_find(ids.begin(), ids.end(), std::greater_equal<>()) == ids.end());
  const auto expiry = notification::expiry_of(notice.value(), kNow, std::chrono::hours(1));
  ROSTRUM_INVARIANT(!expiry || *expiry > kNow);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  const auto envelope = check(bytes);
  if (!envelope) {
    const auto& fault = envelope.error();
    ROSTRUM_INVARIANT(fault.id.size() <= 64);
    ROSTRUM_INVARIANT(fuzz::is_line_for_people(fault.text, kMaxWords));
    ROSTRUM_INVARIANT(size <= kMaxEventBytes || fault.code == bus::EnvelopeRejection::kTooLarge);
    return 0;
  }
  v1::Event event;
  ROSTRUM_INVARIANT(bus::parse_strictly(bytes, event));
  ROSTRUM_INVARIANT(event.id() == envelope.value().id.to_bytes());
  ROSTRUM_INVARIANT(bus::all_message_types().contains(envelope.value().type));
  ROSTRUM_INVARIANT(event.source().empty() || event.source() == "site");
  ROSTRUM_INVARIANT(!bus::has_unknown_fields(event));
  read_as_registration(envelope.value(), event);
  read_as_notification(event);
  return 0;
}
