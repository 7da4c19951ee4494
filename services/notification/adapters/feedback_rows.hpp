// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <vector>

#include "services/notification/adapters/delivery_rows.hpp"
#include "services/notification/core/parse.hpp"

namespace rostrum::notification {

/// Moves the deliveries that these receipts and bounces are about. One counts only if its stanza id is one of
/// ours, whole, and it comes from the member whom that stanza was for; how many did not.
std::size_t apply_feedback(pqxx::transaction_base& tx, const std::vector<Feedback>& feedbacks, WallTime now,
                           Meter& meter);

}  // namespace rostrum::notification
