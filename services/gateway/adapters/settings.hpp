// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/jid.hpp"
#include "common/base/secret.hpp"
#include "common/bus/keys.hpp"
#include "common/bus/link.hpp"
#include "common/config/config.hpp"
#include "common/log/settings.hpp"
#include "services/gateway/adapters/presence_session.hpp"

namespace rostrum::gateway {

/// The gateway's part of rostrum.toml. Optionals are empty only while there are mistakes.
struct Settings {
  log::Settings logging;
  std::string listen;
  bus::LinkLimits limits;
  std::string http;
  std::optional<bus::KeyPair> key;
  std::string authorized_keys;
  std::string jabber_domain;
  std::string jabber_address;
  std::string jabber_ca;
  std::size_t jabber_stanza_bytes;
  std::optional<Jid> site;
  Secret site_password;
  std::optional<Jid> control;
  Secret control_password;
  std::vector<std::string> registration;
  std::optional<bus::PublicKey> registration_key;
  std::vector<std::string> notification;
  std::optional<bus::PublicKey> notification_key;
  std::vector<std::string> presence;
  std::optional<bus::PublicKey> presence_key;
  PresenceSourceKind presence_source;
};

/// Reads [log] and [gateway]; what is wrong becomes the configuration's mistakes.
[[nodiscard]] Settings read_settings(config::Config& config);

}  // namespace rostrum::gateway
