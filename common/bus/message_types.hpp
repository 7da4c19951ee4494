// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace rostrum::bus {

/// Names of the payloads of Event and of the actions of Command: what `allow` in authorized_keys may say.
/// Taken from the contract itself.
[[nodiscard]] const std::set<std::string, std::less<>>& all_message_types();

}  // namespace rostrum::bus
