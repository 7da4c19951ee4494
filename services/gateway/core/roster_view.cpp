// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/roster_view.hpp"

#include <algorithm>
#include <charconv>

namespace rostrum::gateway {
namespace {

/// Prosody's word for a session that ended without a good-bye.
constexpr std::string_view kDisconnected = "Disconnected: ";

bool shows_presence(std::string_view subscription) {
  return subscription == "to" || subscription == "both";
}

/// Takes one number of so many digits, and what must follow it, off the front of a text.
std::optional<int> take_number(std::string_view& text, std::size_t digits, std::string_view then) {
  if (text.size() < digits + then.size() || text.substr(digits, then.size()) != then) return std::nullopt;
  int number = 0;
  const auto* end = text.data() + digits;
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc{} || parsed.ptr != end || number < 0) return std::nullopt;
  text.remove_prefix(digits + then.size());
  return number;
}

/// A fraction, which is not looked at, and the zone.
bool is_rest_of_stamp(std::string_view text) {
  if (!text.ends_with('Z')) return false;
  text.remove_suffix(1);
  return text.empty() ||
         (text.starts_with('.') && text.find_first_not_of("0123456789", 1) == std::string_view::npos);
}

}  // namespace

std::optional<WallTime> read_stamp(std::string_view text) {
  const auto year = take_number(text, 4, "-");
  const auto month = year ? take_number(text, 2, "-") : std::nullopt;
  const auto day = month ? take_number(text, 2, "T") : std::nullopt;
  const auto hour = day ? take_number(text, 2, ":") : std::nullopt;
  const auto minute = hour ? take_number(text, 2, ":") : std::nullopt;
  const auto second = minute ? take_number(text, 2, "") : std::nullopt;
  if (!second || *hour > 23 || *minute > 59 || *second > 60 || !is_rest_of_stamp(text)) return std::nullopt;
  const auto date = std::chrono::year{*year} / *month / *day;
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
         std::chrono::seconds{*second};
}

Sightings RosterView::roster(const std::vector<RosterItem>& items) {
  contacts_.clear();
  kept_by_server_ = items.empty();
  for (const auto& item : items) {
    if (auto contact = contact_of(item); contact && shows_presence(item.subscription))
      contacts_.insert(std::move(*contact));
  }
  state_ = State::kBeingNamed;
  return {ViewBegan{}};
}

Sightings RosterView::barrier_reached() {
  if (state_ != State::kBeingNamed) return {};
  state_ = State::kWhole;
  return {ViewWhole{}};
}

Sightings RosterView::offline() {
  state_ = State::kAway;
  return {ViewLost{"stream-lost"}};
}

Sightings RosterView::pushed(const RosterItem& item) {
  const auto contact = contact_of(item);
  if (!contact) return {};
  if (shows_presence(item.subscription)) {
    contacts_.insert(*contact);
    return {};
  }
  if (contacts_.erase(*contact) == 0) return {};
  return {Vanished{*contact}};
}

Sightings RosterView::told(const ToldPresence& presence, const Moment& now) const {
  if (state_ == State::kAway) return {};
  const bool gone = presence.type == "unavailable";
  if (!gone && !presence.type.empty()) return {Distrusted{Distrust::kType}};
  const auto name = addresses_.read(presence.from);
  if (!name) return {Distrusted{name.error()}};
  if (!is_contact(name.value().localpart())) return {Distrusted{Distrust::kStranger}};
  // What goes always goes, whatever its stamp: a good-bye with an old date must not leave a ghost.
  if (gone) {
    const bool dropped = presence.status.starts_with(kDisconnected);
    return {Went{name.value(), dropped ? Departure::kDropped : Departure::kLeft}};
  }
  Sightings seen;
  Distrusts distrusts;
  auto state = read_state({presence.show, presence.priority, presence.status}, distrusts);
  const auto stamp = read_stamp(presence.stamp);
  if (!stamp && !presence.stamp.empty()) distrusts.push_back(Distrust::kAge);
  for (const auto distrust : distrusts) seen.emplace_back(Distrusted{distrust});
  seen.emplace_back(came(name.value(), std::move(state), stamp, now));
  return seen;
}

/// What names the domain counts whatever its stamp: it is what the server has now, and its clock may be
/// another.
Came RosterView::came(ResourceName name, ResourceState state, std::optional<WallTime> stamp,
                      const Moment& now) const {
  const bool being_named = state_ == State::kBeingNamed;
  if (!stamp) return {std::move(name), std::move(state), being_named ? kUnknownMoment : now.mono};
  constexpr Milliseconds kOldest = std::chrono::years{20};
  const auto age = std::clamp(now.wall - *stamp, Milliseconds{0}, kOldest);
  return {std::move(name), std::move(state), now.mono - age, !being_named};
}

/// A server with the account door leaves the site's roster empty and sees itself to it that every account is
/// a contact (docs/account-door.md): then all of the domain count.
bool RosterView::is_contact(std::string_view localpart) const {
  return kept_by_server_ || contacts_.contains(localpart);
}

std::optional<std::string> RosterView::contact_of(const RosterItem& item) const {
  const auto jid = Jid::parse(item.jid);
  if (!jid || jid.value().domain() != addresses_.domain()) return std::nullopt;
  return std::string(jid.value().localpart());
}

}  // namespace rostrum::gateway
