// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "services/registration/adapters/settings.hpp"

namespace rostrum::registration {

/// Runs one registration until SIGTERM or SIGINT; returns the exit code.
int serve(Settings settings);

}  // namespace rostrum::registration
