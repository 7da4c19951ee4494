// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rostrum::config {

/// The candidate that a mistyped word most likely means: at most a third of its letters inserted, left out,
/// changed or swapped.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word,
                                                 const std::vector<std::string>& candidates);

}  // namespace rostrum::config
