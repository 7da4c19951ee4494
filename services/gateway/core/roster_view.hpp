// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "services/gateway/core/sighting.hpp"

namespace rostrum::gateway {

/// One item of the site's roster (RFC 6121 §2.1.2), as text.
struct RosterItem {
  std::string_view jid;
  std::string_view subscription;
};

/// A presence that came to the site, as text.
struct ToldPresence {
  std::string_view type;
  std::string_view from;
  std::string show;
  std::string priority;
  std::string status;
  std::string_view stamp;  ///< XEP-0203, of the server's own last <delay/>; empty: none
};

/// The moment something was read, by both clocks.
struct Moment {
  MonoTime mono;
  WallTime wall;
};

/// Who is online, as far as ordinary presence tells it (RFC 6121 §4): that of the site's contacts; where its
/// roster is empty the server keeps the contacts by itself, and everybody of the domain is one. They are
/// named when the site's own first presence has arrived, before the answer to what was asked behind it.
class RosterView {
 public:
  explicit RosterView(PresenceAddresses addresses) : addresses_(std::move(addresses)) {}

  /// The roster came; now the site's first presence goes out, and behind it a barrier.
  [[nodiscard]] Sightings roster(const std::vector<RosterItem>& items);
  /// The server has handled the site's first presence.
  [[nodiscard]] Sightings barrier_reached();
  /// The stream is gone.
  [[nodiscard]] Sightings offline();

  /// RFC 6121 §2.1.6, from the server.
  [[nodiscard]] Sightings pushed(const RosterItem& item);
  [[nodiscard]] Sightings told(const ToldPresence& presence, const Moment& now) const;

 private:
  enum class State { kAway, kBeingNamed, kWhole };

  [[nodiscard]] bool is_contact(std::string_view localpart) const;
  [[nodiscard]] std::optional<std::string> contact_of(const RosterItem& item) const;
  [[nodiscard]] Came came(ResourceName name, ResourceState state, std::optional<WallTime> stamp,
                          const Moment& now) const;

  PresenceAddresses addresses_;
  State state_ = State::kAway;
  bool kept_by_server_ = false;                  // the roster came empty
  std::set<std::string, std::less<>> contacts_;  // localparts of those whose presence we are to see
};

/// XEP-0082 §3.2: `2026-01-31T12:00:00Z`, with or without a fraction; other offsets than Z are no server's.
[[nodiscard]] std::optional<WallTime> read_stamp(std::string_view text);

}  // namespace rostrum::gateway
