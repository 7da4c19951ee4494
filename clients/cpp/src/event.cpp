// SPDX-License-Identifier: Apache-2.0
#include "rostrum/event.hpp"

#include <limits>
#include <stdexcept>
#include <utility>

#include "clients/cpp/src/event_state.hpp"
#include "common/base/text.hpp"
#include "common/base/uuid.hpp"

namespace rostrum {

namespace {

/// The text if it is UTF-8; otherwise nothing, and the event remembers the fault. All else is judged by the
/// intake, which has the rules.
std::string utf8(Event::State& state, const char* field, std::string text) {
  const auto error = check_text(text, {.max_bytes = std::numeric_limits<std::size_t>::max()});
  if (!error || error->fault != TextFault::kNotUtf8) return text;
  if (!state.fault) state.fault = std::string(field) + ": " + error->describe();
  return {};
}

std::unique_ptr<Event::State> about(const char* field, std::string_view subject) {
  auto state = std::make_unique<Event::State>();
  state->message.set_subject(utf8(*state, field, std::string(subject)));
  return state;
}

void set_audience(Event::State& state, Audience audience, v1::Audience& out) {
  switch (audience.kind) {
    case Audience::Kind::kAll:
      out.mutable_all();
      return;
    case Audience::Kind::kGroups:
      for (auto& id : audience.ids)
        out.mutable_groups()->add_group_ids(utf8(state, "group id", std::move(id)));
      return;
    case Audience::Kind::kMembers:
      for (auto& id : audience.ids)
        out.mutable_members()->add_member_ids(utf8(state, "member id", std::move(id)));
      return;
  }
}

Event notice_published(v1::NoticeKind kind, Audience audience, Notice notice) {
  auto state = std::make_unique<Event::State>();
  auto& published = *state->message.mutable_notice_published();
  published.set_kind(kind);
  set_audience(*state, std::move(audience), *published.mutable_audience());
  published.set_title(utf8(*state, "title", std::move(notice.title)));
  published.set_body(utf8(*state, "text", std::move(notice.text)));
  if (notice.expires_at) {
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(notice.expires_at->time_since_epoch());
    const auto s = std::chrono::floor<std::chrono::seconds>(ms);
    published.mutable_expires_at()->set_seconds(s.count());
    published.mutable_expires_at()->set_nanos(
        static_cast<std::int32_t>(std::chrono::nanoseconds(ms - s).count()));
  }
  return Event(std::move(state));
}

}  // namespace

Event::Event(std::unique_ptr<State> state) : state_(std::move(state)) {}
Event::~Event() = default;
Event::Event(Event&& other) noexcept = default;
Event& Event::operator=(Event&& other) noexcept = default;

Event Event::with_id(std::string_view uuid_v7) && {
  const auto id = EventId::parse(uuid_v7);
  if (!id) throw std::invalid_argument("event id: not a UUIDv7: " + printable(uuid_v7, 64));
  state_->message.set_id(id->to_bytes());
  state_->packed.clear();
  return std::move(*this);
}

Event Event::with_revision(std::uint64_t revision) && {
  state_->message.set_revision(revision);
  state_->packed.clear();
  return std::move(*this);
}

Event Event::with_traceparent(std::string_view traceparent) && {
  state_->message.set_traceparent(utf8(*state_, "traceparent", std::string(traceparent)));
  state_->packed.clear();
  return std::move(*this);
}

Event Event::unpack(std::string_view bytes) {
  auto state = std::make_unique<State>();
  const bool fits = bytes.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max());
  if (!fits || !state->message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      !EventId::from_bytes(state->message.id()) || !destination_of(state->message)) {
    throw std::invalid_argument("Event::unpack: not the bytes of a packed event");
  }
  state->packed = bytes;
  return Event(std::move(state));
}

Event member_upserted(std::string_view member_id, Member member) {
  auto state = about("member id", member_id);
  state->password = Secret(std::move(member.password));
  auto& upserted = *state->message.mutable_member_upserted();
  upserted.set_jid(utf8(*state, "jid", std::move(member.jid)));
  upserted.set_display_name(utf8(*state, "display name", std::move(member.display_name)));
  for (auto& group : member.groups) upserted.add_group_ids(utf8(*state, "group id", std::move(group)));
  return Event(std::move(state));
}

Event member_removed(std::string_view member_id) {
  auto state = about("member id", member_id);
  state->message.mutable_member_removed();
  return Event(std::move(state));
}

Event password_changed(std::string_view member_id, std::string password) {
  auto state = about("member id", member_id);
  state->password = Secret(std::move(password));
  state->message.mutable_password_changed();
  return Event(std::move(state));
}

Event group_upserted(std::string_view group_id, std::string title) {
  auto state = about("group id", group_id);
  state->message.mutable_group_upserted()->set_title(utf8(*state, "title", std::move(title)));
  return Event(std::move(state));
}

Event group_removed(std::string_view group_id) {
  auto state = about("group id", group_id);
  state->message.mutable_group_removed();
  return Event(std::move(state));
}

Audience to_all() {
  return {Audience::Kind::kAll, {}};
}
Audience to_groups(std::vector<std::string> group_ids) {
  return {Audience::Kind::kGroups, std::move(group_ids)};
}
Audience to_members(std::vector<std::string> member_ids) {
  return {Audience::Kind::kMembers, std::move(member_ids)};
}

Event announcement(Audience audience, Notice notice) {
  return notice_published(v1::NOTICE_KIND_ANNOUNCEMENT, std::move(audience), std::move(notice));
}

Event alert(Audience audience, Notice notice) {
  return notice_published(v1::NOTICE_KIND_ALERT, std::move(audience), std::move(notice));
}

std::optional<Destination> destination_of(const v1::Event& message) {
  switch (message.payload_case()) {
    case v1::Event::kMemberUpserted:
    case v1::Event::kMemberRemoved:
    case v1::Event::kPasswordChanged:
    case v1::Event::kGroupUpserted:
    case v1::Event::kGroupRemoved:
      return Destination::kRegistration;
    case v1::Event::kNoticePublished:
      return Destination::kNotification;
    default:
      return std::nullopt;
  }
}

}  // namespace rostrum
