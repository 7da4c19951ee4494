// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/bus/command_client.hpp"
#include "services/registration/core/account_life.hpp"

namespace rostrum::registration {

/// How an attempt went, from what the command link says of its command.
[[nodiscard]] AttemptResult attempt_result(const bus::CommandResult& result);

}  // namespace rostrum::registration
