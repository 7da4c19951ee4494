// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "services/gateway/adapters/settings.hpp"

namespace rostrum::gateway {

/// Wires everything, serves until SIGTERM or SIGINT, stops in order. The exit code.
int serve(Settings settings);

}  // namespace rostrum::gateway
