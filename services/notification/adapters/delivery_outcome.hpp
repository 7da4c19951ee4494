// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/bus/command_client.hpp"
#include "services/notification/core/delivery_life.hpp"

namespace rostrum::notification {

/// How an attempt at a delivery went, from what the command link says of its command.
[[nodiscard]] Outcome delivery_outcome(const bus::CommandResult& result);

}  // namespace rostrum::notification
