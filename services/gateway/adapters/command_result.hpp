// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/bus/command_client.hpp"
#include "services/gateway/core/outcome.hpp"

namespace rostrum::gateway {

/// The end of a command as the command link tells it.
[[nodiscard]] bus::CommandResult command_result(Outcome outcome);

}  // namespace rostrum::gateway
