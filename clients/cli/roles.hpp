// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rostrum::cli {

/// The message types that a kind of peer needs, and no more; nothing for an unknown role.
[[nodiscard]] std::optional<std::vector<std::string>> grants_of(std::string_view role);
[[nodiscard]] std::vector<std::string> all_roles();

}  // namespace rostrum::cli
