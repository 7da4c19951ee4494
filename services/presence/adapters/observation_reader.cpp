// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/adapters/observation_reader.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "common/bus/parse.hpp"
#include "rostrum/v1/presence.pb.h"

namespace rostrum::presence {

namespace {

using What = decltype(Observation::what);

/// Beyond it no server knows what it says; and moments stay such that a database can hold them.
constexpr std::uint64_t kOldestMs = std::chrono::milliseconds(std::chrono::hours(24 * 366)).count();
constexpr std::size_t kMaxReasonBytes = 128;

ReadError malformed(const std::string& field, std::string_view why) {
  return {Flaw::kMalformed, field + ": " + std::string(why)};
}

Result<ResourceKey, ReadError> read_key(const std::string& jid_text, const std::string& resource_text,
                                        std::string_view domain) {
  auto jid = Jid::parse(jid_text);
  if (!jid) return malformed("jid", describe(jid.error()));
  if (jid.value().domain() != domain) return ReadError{Flaw::kForeign, "jid: of another domain"};
  auto resource = Resource::parse(resource_text);
  if (!resource) return malformed("resource", resource.error().describe());
  return ResourceKey{std::move(jid).value(), std::move(resource).value()};
}

std::optional<Show> show_of(v1::Show show) {
  switch (show) {
    case v1::SHOW_ONLINE:
      return Show::kOnline;
    case v1::SHOW_CHAT:
      return Show::kChat;
    case v1::SHOW_AWAY:
      return Show::kAway;
    case v1::SHOW_XA:
      return Show::kXa;
    case v1::SHOW_DND:
      return Show::kDnd;
    default:
      return std::nullopt;
  }
}

Result<What, ReadError> read(const v1::ResourceAvailable& available, std::string_view domain) {
  auto who = read_key(available.jid(), available.resource(), domain);
  if (!who) return who.error();
  const auto show = show_of(available.show());
  if (!show) return malformed("show", "unknown");
  using Priority = std::numeric_limits<std::int8_t>;
  if (available.priority() < Priority::min() || available.priority() > Priority::max())
    return malformed("priority", "not between -128 and 127");
  auto status = Status::parse(available.status());
  if (!status) return malformed("status", status.error().describe());
  return What(Available{std::move(who).value(),
                        {*show, static_cast<std::int8_t>(available.priority()), std::move(status).value()}});
}

Result<What, ReadError> read(const v1::ResourceUnavailable& unavailable, std::string_view domain) {
  auto who = read_key(unavailable.jid(), unavailable.resource(), domain);
  if (!who) return who.error();
  switch (unavailable.ending()) {
    case v1::ENDING_LEFT:
      return What(Unavailable{std::move(who).value(), Ending::kLeft});
    case v1::ENDING_DROPPED:
      return What(Unavailable{std::move(who).value(), Ending::kDropped});
    default:
      return malformed("ending", "unknown");
  }
}

Result<What, ReadError> read_what(const v1::Observation& told, std::string_view domain) {
  switch (told.what_case()) {
    case v1::Observation::kAvailable:
      return read(told.available(), domain);
    case v1::Observation::kUnavailable:
      return read(told.unavailable(), domain);
    case v1::Observation::kSnapshotBegan:
      return What(SnapshotBegan{});
    case v1::Observation::kSnapshotEnded:
      return What(SnapshotEnded{});
    case v1::Observation::kViewLost:
      return What(ViewLost{printable(told.view_lost().reason(), kMaxReasonBytes)});
    case v1::Observation::WHAT_NOT_SET:
      break;
  }
  return malformed("what", "nothing that this version knows");
}

}  // namespace

Milliseconds read_age(std::uint64_t ms) {
  return Milliseconds(static_cast<Milliseconds::rep>(std::min(ms, kOldestMs)));
}

Result<Observation, ReadError> read_observation(std::string_view bytes, std::string_view domain) {
  v1::Observation told;
  if (!bus::parse_strictly(bytes, told)) return ReadError{Flaw::kMalformed, "not an Observation"};
  auto what = read_what(told, domain);
  if (!what) return what.error();
  Observation observation{std::nullopt, std::move(what).value()};
  if (told.age_ms() > 0) observation.age = read_age(told.age_ms());
  return observation;
}

}  // namespace rostrum::presence
