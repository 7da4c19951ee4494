// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <gloox/tag.h>

#include "services/gateway/core/roster_view.hpp"
#include "services/gateway/core/watch.hpp"

namespace rostrum::gateway {

/// Namespace of the presence watch (docs/presence-watch.md).
inline constexpr const char* kPresenceNamespace = "urn:rostrum:presence:1";

// What is read points into the stanza it was read from.

/// <watch/>, as it stands inside an iq of type set.
[[nodiscard]] std::unique_ptr<gloox::Tag> watch_element(std::uint64_t epoch);
/// The name of the watch that an iq of type result grants; empty when it names none.
[[nodiscard]] std::string read_granted_watch(const gloox::Tag& iq);
/// Whether a message claims to be of the presence watch, whoever sent it.
[[nodiscard]] bool is_of_watch(const gloox::Tag& message);
/// Nothing: an element that the watch does not have.
[[nodiscard]] std::optional<WatchMessage> read_watch_message(const gloox::Tag& message);

/// The query for the whole roster, and the items of an answer or a push.
[[nodiscard]] std::unique_ptr<gloox::Tag> roster_query();
[[nodiscard]] std::vector<RosterItem> read_roster(const gloox::Tag& iq);

/// An ordinary presence; only a <delay/> of this domain counts.
[[nodiscard]] ToldPresence read_presence(const gloox::Tag& presence, std::string_view domain);

}  // namespace rostrum::gateway
