// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace rostrum::cli {

using Moment = std::chrono::sys_time<std::chrono::microseconds>;

/// How one says a moment, for help texts.
inline constexpr const char* kMomentHelp = "15m (ago), 20:15, \"2026-11-25 20:15\"; UTC, or with an offset";

/// "15m", "1h30m": so long ago. "20:15", "20:15:30": when it was that last. "2026-11-25", "2026-11-25 20:15",
/// RFC 3339 ("2026-11-25T20:15:00.5+01:00"): UTC unless it says Z or an offset. Nothing for anything else,
/// nor before 1970 or after the year 9999.
[[nodiscard]] std::optional<Moment> parse_moment(std::string_view text, Moment now);

/// "2026-11-25T20:15:00.123456Z", as PostgreSQL reads it.
[[nodiscard]] std::string to_rfc3339(Moment moment);

/// The machine's clock.
[[nodiscard]] Moment now();

/// For CLI11: nothing when it is a moment, else what is wrong.
[[nodiscard]] std::string check_moment(const std::string& text);

}  // namespace rostrum::cli
