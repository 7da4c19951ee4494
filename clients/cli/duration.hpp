// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace rostrum::cli {

/// "90s", "15m", "2h", "3d", "1h30m": whole numbers with their units, largest unit first, each once. Nothing
/// for anything else, for nought, and above 366 days.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace rostrum::cli
