// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "services/presence/core/observation.hpp"

namespace rostrum::presence {

/// The words of the schema's enum types.
[[nodiscard]] const char* word(Show show);
[[nodiscard]] const char* word(Ending ending);

/// Back again; a word that is not in the schema is an invariant broken.
[[nodiscard]] Show show_of(std::string_view word);

}  // namespace rostrum::presence
