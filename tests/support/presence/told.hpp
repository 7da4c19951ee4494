// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/presence/core/observation.hpp"

namespace rostrum::presence::test {

inline constexpr const char* kDomain = "site.test";
inline constexpr auto kJustNow = Milliseconds(0);

/// "anna/phone" is anna@site.test/phone.
[[nodiscard]] ResourceKey key(std::string_view name);

using Age = std::optional<Milliseconds>;
[[nodiscard]] Appearance appearance(Show show = Show::kOnline, int priority = 0,
                                    std::string_view status = "");
[[nodiscard]] Observation available(std::string_view name, Show show = Show::kOnline, Age age = kJustNow);
[[nodiscard]] Observation available(std::string_view name, const Appearance& appearance, Age age = kJustNow);
[[nodiscard]] Observation unavailable(std::string_view name, Ending ending = Ending::kLeft,
                                      Age age = kJustNow);
[[nodiscard]] Observation snapshot_began(Age age = kJustNow);
[[nodiscard]] Observation snapshot_ended(Age age = kJustNow);
[[nodiscard]] Observation view_lost(const std::string& reason = "stream-lost", Age age = kJustNow);

/// Back to "anna/phone".
[[nodiscard]] std::string name_of(const ResourceKey& key);

}  // namespace rostrum::presence::test
