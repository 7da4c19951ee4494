// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "clients/cli/output.hpp"

namespace rostrum::cli {

/// What happened to a device, in a word: came, changed, left, dropped, unseen. `change` is a row of
/// presence.transitions with `before`, the device's state before it (null: none is kept).
[[nodiscard]] std::string word_of(const Json& change);

/// A moment as people read it, "~" before one that is a guess; nothing for null.
[[nodiscard]] std::string moment_cell(const Json& row, const char* key);

/// What there is to say beside the word: the status text, or how it ended.
[[nodiscard]] std::string detail_of(const Json& change);

}  // namespace rostrum::cli
