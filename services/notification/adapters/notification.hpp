// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "services/notification/adapters/settings.hpp"

namespace rostrum::notification {

/// Runs one notification service until SIGTERM or SIGINT; returns the exit code.
int serve(Settings settings);

}  // namespace rostrum::notification
