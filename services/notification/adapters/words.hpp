// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string_view>

#include "services/notification/core/delivery_life.hpp"
#include "services/notification/core/notice.hpp"

namespace rostrum::notification {

/// The words of the schema's enum types, which are also the labels of the metrics.
[[nodiscard]] const char* word(Kind kind);
[[nodiscard]] const char* word(AudienceKind kind);
[[nodiscard]] const char* word(State state);

/// Back again; a word that is not in the schema is an invariant broken.
[[nodiscard]] Kind kind_of(std::string_view word);
[[nodiscard]] AudienceKind audience_kind_of(std::string_view word);
[[nodiscard]] State state_of(std::string_view word);

inline constexpr std::array kLanes{Kind::kAlert, Kind::kAnnouncement};  ///< what goes first stands first

}  // namespace rostrum::notification
