// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rostrum {

/// One thing a site has to tell Rostrum; made by the functions below, given to Publisher::publish(). Move
/// only: it may hold a password, which is overwritten when the event goes.
class Event {
 public:
  struct State;
  explicit Event(std::unique_ptr<State> state);
  ~Event();
  Event(Event&& other) noexcept;
  Event& operator=(Event&& other) noexcept;

  /// The event's identity, a UUIDv7 as text; left out, publish() makes one. The same id again with the same
  /// content is one event, so whoever keeps an outbox stores Publisher::pack(). Throws std::invalid_argument
  /// for anything but a UUIDv7.
  [[nodiscard]] Event with_id(std::string_view uuid_v7) &&;
  /// How often this member or group has changed, as the site counts: an older revision never overwrites a
  /// newer one. Left out, publish() takes the clock's microseconds, which is right where one machine
  /// publishes and its clock does not go back.
  [[nodiscard]] Event with_revision(std::uint64_t revision) &&;
  /// W3C Trace Context.
  [[nodiscard]] Event with_traceparent(std::string_view traceparent) &&;

  /// An event as Publisher::pack() made it. Throws std::invalid_argument when the bytes are no event of a
  /// site.
  [[nodiscard]] static Event unpack(std::string_view bytes);

  /// For the library's own sources.
  [[nodiscard]] State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

/// The whole state of a member: what is left out is taken away, but an empty password leaves the password as
/// it is.
struct Member {
  std::string jid;                ///< bare JID of the account, e.g. "anna@example.org"; can never change
  std::string display_name = {};  ///< for people
  std::vector<std::string> groups = {};  ///< ids of all groups the member belongs to
  std::string password = {};  ///< in clear; publish() seals it. Needed when the account is first asked for.
};

/// The member should exist like this.
[[nodiscard]] Event member_upserted(std::string_view member_id, Member member);
/// The member's account is to be removed.
[[nodiscard]] Event member_removed(std::string_view member_id);
/// Only the password changes.
[[nodiscard]] Event password_changed(std::string_view member_id, std::string password);
/// The group should exist, under this title. Who belongs to it is said by the members' events alone.
[[nodiscard]] Event group_upserted(std::string_view group_id, std::string title);
/// The group is gone.
[[nodiscard]] Event group_removed(std::string_view group_id);

/// To whom a notice goes.
struct Audience {
  enum class Kind { kAll, kGroups, kMembers };
  Kind kind;
  std::vector<std::string> ids;
};
[[nodiscard]] Audience to_all();
[[nodiscard]] Audience to_groups(std::vector<std::string> group_ids);  ///< members of any of them, each once
[[nodiscard]] Audience to_members(std::vector<std::string> member_ids);

/// What the site says.
struct Notice {
  std::string text;
  std::string title = {};
  std::optional<std::chrono::system_clock::time_point> expires_at =
      {};  ///< left out: the deployment's default
};

/// To many, not urgent.
[[nodiscard]] Event announcement(Audience audience, Notice notice);
/// Urgent, to few; overtakes announcements.
[[nodiscard]] Event alert(Audience audience, Notice notice);

}  // namespace rostrum
