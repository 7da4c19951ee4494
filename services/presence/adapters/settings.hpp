// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <set>
#include <string>

#include "common/base/clock.hpp"
#include "common/bus/keys.hpp"
#include "common/bus/link.hpp"
#include "common/config/config.hpp"
#include "common/log/settings.hpp"
#include "common/pg/connect.hpp"

namespace rostrum::presence {

/// Presence's part of rostrum.toml. Optionals are empty only while there are mistakes.
struct Settings {
  log::Settings logging;
  std::string listen;
  bus::LinkLimits limits;
  std::string http;
  std::optional<bus::KeyPair> key;
  std::string authorized_keys;
  pg::Settings database;
  std::set<std::string> domains;  ///< prepared
  Milliseconds lease_length;
  int history_months;
};

/// Reads [log] and [presence]; what is wrong becomes the configuration's mistakes.
[[nodiscard]] Settings read_settings(config::Config& config);

}  // namespace rostrum::presence
