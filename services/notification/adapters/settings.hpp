// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/bus/keys.hpp"
#include "common/bus/link.hpp"
#include "common/config/config.hpp"
#include "common/log/settings.hpp"
#include "common/pg/connect.hpp"

namespace rostrum::notification {

/// Notification's part of rostrum.toml. Optionals are empty only while there are mistakes.
struct Settings {
  log::Settings logging;
  std::string listen;
  bus::LinkLimits limits;
  std::string http;
  std::optional<bus::KeyPair> key;
  std::string authorized_keys;
  pg::Settings database;
  std::vector<std::string> gateways;
  std::optional<bus::PublicKey> gateway_key;
  Milliseconds give_up_after;  ///< for how long a delivery is repeated that nobody confirms
  Milliseconds default_life;   ///< of a notice that does not say when it expires
  Milliseconds keep;           ///< of notices that are over
};

/// Reads [log] and [notification]; what is wrong becomes the configuration's mistakes.
[[nodiscard]] Settings read_settings(config::Config& config);

}  // namespace rostrum::notification
