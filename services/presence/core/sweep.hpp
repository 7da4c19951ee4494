// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "services/presence/core/record.hpp"

namespace rostrum::presence {

/// Closes the sessions of resources that were online before the view was lost and are not named in the
/// snapshot that is complete now: when they went nobody saw. `last`: there are no more of them.
[[nodiscard]] Changes sweep(Lease lease, const std::vector<Known>& unseen, bool last);

}  // namespace rostrum::presence
