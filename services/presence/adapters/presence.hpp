// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "services/presence/adapters/settings.hpp"

namespace rostrum::presence {

/// Runs one presence service until SIGTERM or SIGINT; returns the exit code.
int serve(Settings settings);

}  // namespace rostrum::presence
