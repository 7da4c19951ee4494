// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rostrum::cli {

/// How many columns of a terminal a UTF-8 text takes, by the C library's table of Unicode, whatever the
/// locale: two for an East Asian wide character or an emoji, none for an accent that combines. A byte that is
/// not UTF-8 takes one.
[[nodiscard]] std::size_t width_of(std::string_view text);

/// The text if it takes no more than `width` columns (at least one), else its beginning with "…" behind.
[[nodiscard]] std::string cut(std::string_view text, std::size_t width);

/// The text without the accents beyond the fourth that pile up on one character and would cover other lines.
[[nodiscard]] std::string unstacked(std::string_view text);

}  // namespace rostrum::cli
