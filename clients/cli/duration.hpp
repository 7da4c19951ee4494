// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace rostrum::cli {

/// "90s", "15m", "2h", "3d", "1h30m": whole numbers with their units, largest unit first, each once. Nothing
/// for anything else, for nought, and above 366 days.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// For CLI11: nothing when it is a duration, else what is wrong.
[[nodiscard]] std::string check_duration(const std::string& text);

/// For people, the two largest units: "3d 4h", "59m 48s", "12s".
[[nodiscard]] std::string readable_duration(std::chrono::seconds duration);

}  // namespace rostrum::cli
