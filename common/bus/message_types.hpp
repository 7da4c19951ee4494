// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace rostrum::bus {

/// The name in `allow` of authorized_keys/ of those who may claim leases and tell what they saw.
inline constexpr const char* kPresenceObserved = "presence_observed";

/// What `allow` in authorized_keys may say: the names of the payloads of Event and of the actions of Command,
/// taken from the contract itself, and kPresenceObserved for the observation link.
[[nodiscard]] const std::set<std::string, std::less<>>& all_message_types();

}  // namespace rostrum::bus
