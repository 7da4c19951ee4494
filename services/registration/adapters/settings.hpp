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
#include "services/registration/core/parse.hpp"

namespace rostrum::registration {

/// Registration's part of rostrum.toml. Optionals are empty only while there are mistakes.
struct Settings {
  log::Settings logging;
  std::string listen;
  bus::LinkLimits limits;
  std::string http;
  std::optional<bus::KeyPair> key;
  std::string authorized_keys;
  std::optional<bus::KeyPair> sealing_key;
  pg::Settings database;
  std::vector<std::string> gateways;
  std::optional<bus::PublicKey> gateway_key;
  JidRules jids;
  Milliseconds give_up_after;  ///< how long work may wait before it is a dead letter
};

/// Reads [log] and [registration]; what is wrong becomes the configuration's mistakes.
[[nodiscard]] Settings read_settings(config::Config& config);

}  // namespace rostrum::registration
