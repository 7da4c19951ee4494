// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/registration/core/parse.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "common/base/member_limits.hpp"

namespace rostrum::registration {
namespace {

using intake::IntakeEvent;
using intake::Rejection;

constexpr std::size_t kMaxTitleBytes = 256;

/// Thrown inside this file only, so that a reader of many fields stays a list of fields.
struct Reject {
  Rejection rejection;
};

[[noreturn]] void missing(const std::string& field) {
  throw Reject{{v1::REJECTION_CODE_MISSING_FIELD, field + " is missing"}};
}

[[noreturn]] void bad_text(const std::string& field, const TextError& error) {
  const bool characters = error.fault == TextFault::kNotUtf8 || error.fault == TextFault::kForbiddenCharacter;
  throw Reject{{characters ? v1::REJECTION_CODE_INVALID_TEXT : v1::REJECTION_CODE_INVALID_FIELD,
                field + ": " + error.describe()}};
}

std::string read_line(const std::string& text, const std::string& field, std::size_t max_bytes) {
  if (const auto error = check_text(text, {.max_bytes = max_bytes, .one_line = true}))
    bad_text(field, *error);
  return text;
}

template <class Name>
Name read_name(const std::string& text, const std::string& field) {
  if (text.empty()) missing(field);
  auto name = Name::parse(text);
  if (!name) bad_text(field, name.error());
  return std::move(name).value();
}

Revision read_revision(const v1::Event& event) {
  if (event.revision() == 0) missing("revision");
  if (event.revision() > static_cast<std::uint64_t>(std::numeric_limits<Revision>::max())) {
    throw Reject{{v1::REJECTION_CODE_INVALID_FIELD, "revision: must be below 2^63"}};
  }
  return static_cast<Revision>(event.revision());
}

Jid read_jid(const std::string& text, const std::string& field) {
  if (text.empty()) missing(field);
  auto jid = Jid::parse(text);
  if (!jid) throw Reject{{v1::REJECTION_CODE_INVALID_JID, field + ": " + std::string(describe(jid.error()))}};
  return std::move(jid).value();
}

Jid read_member_jid(const std::string& text, const JidRules& rules) {
  auto jid = read_jid(text, "jid");
  if (!rules.domains.contains(jid.domain())) {
    throw Reject{{v1::REJECTION_CODE_FOREIGN_DOMAIN,
                  "jid: its domain is not among this deployment's domains ([registration] domains)"}};
  }
  if (rules.reserved.contains(jid))
    throw Reject{{v1::REJECTION_CODE_RESERVED_JID, "jid: this account can never be a member"}};
  return jid;
}

std::string read_sealed(const std::string& sealed) {
  if (sealed.size() > kMaxSealedPasswordBytes) {
    throw Reject{{v1::REJECTION_CODE_INVALID_FIELD,
                  "sealed_password: more than " + std::to_string(kMaxSealedPasswordBytes) + " bytes"}};
  }
  return sealed;
}

std::vector<GroupId> read_groups(const google::protobuf::RepeatedPtrField<std::string>& ids) {
  if (static_cast<std::size_t>(ids.size()) > kMaxGroupsOfMember) {
    throw Reject{
        {v1::REJECTION_CODE_INVALID_FIELD, "group_ids: more than " + std::to_string(kMaxGroupsOfMember)}};
  }
  std::vector<GroupId> groups;
  for (const auto& id : ids) groups.push_back(read_name<GroupId>(id, "group_ids"));
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  return groups;
}

Event read(const IntakeEvent& received, const JidRules& rules) {
  const auto& event = received.event;
  switch (event.payload_case()) {
    case v1::Event::kMemberUpserted: {
      const auto& member = event.member_upserted();
      return MemberStated{read_name<MemberId>(event.subject(), "subject"),
                          read_revision(event),
                          read_member_jid(member.jid(), rules),
                          read_line(member.display_name(), "display_name", kMaxDisplayNameBytes),
                          read_groups(member.group_ids()),
                          read_sealed(member.sealed_password())};
    }
    case v1::Event::kMemberRemoved:
      return MemberGone{read_name<MemberId>(event.subject(), "subject"), read_revision(event)};
    case v1::Event::kPasswordChanged: {
      if (event.password_changed().sealed_password().empty()) missing("sealed_password");
      return PasswordStated{read_name<MemberId>(event.subject(), "subject"), read_revision(event),
                            read_sealed(event.password_changed().sealed_password())};
    }
    case v1::Event::kGroupUpserted:
      return GroupStated{read_name<GroupId>(event.subject(), "subject"), read_revision(event),
                         read_line(event.group_upserted().title(), "title", kMaxTitleBytes)};
    case v1::Event::kGroupRemoved:
      return GroupGone{read_name<GroupId>(event.subject(), "subject"), read_revision(event)};
    case v1::Event::kAccountAppeared:
      return AccountCame{read_jid(event.subject(), "subject")};
    case v1::Event::kAccountVanished:
      return AccountWent{read_jid(event.subject(), "subject"), received.id.time()};
    default:
      throw Reject{{v1::REJECTION_CODE_UNKNOWN_TYPE, "registration does not take this type of event"}};
  }
}

}  // namespace

Result<Event, Rejection> parse(const IntakeEvent& event, const JidRules& rules) {
  try {
    return read(event, rules);
  } catch (Reject& reject) {
    return std::move(reject.rejection);
  }
}

std::optional<Rejection> check_password(std::string_view password) {
  const auto error =
      check_text(password, {.max_bytes = kMaxPasswordBytes, .may_be_empty = false, .one_line = true});
  if (!error) return std::nullopt;
  return Rejection{v1::REJECTION_CODE_INVALID_FIELD,
                   "sealed_password: the password inside, " + error->describe()};
}

}  // namespace rostrum::registration
