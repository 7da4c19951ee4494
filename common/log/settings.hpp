// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/config/config.hpp"
#include "common/log/log.hpp"

namespace rostrum::log {

/// The section `[log]`, the same for every service.
struct Settings {
  Format format;
  Level level;
};

[[nodiscard]] Settings read_settings(config::Config& config);

}  // namespace rostrum::log
