// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/bus/keys.hpp"
#include "common/bus/link.hpp"
#include "common/config/config.hpp"

namespace rostrum::service {

/// Where a link is bound, "tcp://address:port".
[[nodiscard]] std::string listen_endpoint(config::Section& section, const std::string& default_value,
                                          std::string_view help);
/// How much a bound link takes: the keys `peers`, `budget`, `budget_mib`, `peer_budget`, `peer_budget_mib`.
/// `work`: "Events", "Observations", "Commands"; `limits`: the defaults.
[[nodiscard]] bus::LinkLimits limits(config::Section& section, const std::string& work,
                                     bus::LinkLimits limits);
/// Where links connect to; at least one.
[[nodiscard]] std::vector<std::string> endpoints(config::Section& section, std::string_view key,
                                                 const std::string& default_value, std::string_view help);
/// A key file, read; one that cannot be read is a mistake at its own line, and then there is no key.
[[nodiscard]] std::optional<bus::KeyPair> key_pair(config::Section& section, std::string_view key,
                                                   std::string_view help);
[[nodiscard]] std::optional<bus::PublicKey> public_key(config::Section& section, std::string_view key,
                                                       std::string_view help);

}  // namespace rostrum::service
