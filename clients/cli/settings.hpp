// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

namespace rostrum::config {
class Config;
}

namespace rostrum::cli {

/// `[cli]` of rostrum.toml. Everything may be left out; a command that needs what is not there says which key
/// to set.
struct Settings {
  std::string source_key;
  std::string check_key;
  std::vector<std::string> registration;
  std::string registration_key;
  std::vector<std::string> notification;
  std::string notification_key;
  std::string sealing_key;
  std::vector<std::string> gateways;
  std::string gateway_key;
  std::string database;
  std::string operator_database;
  std::string owner_database;
  std::vector<std::string> services_http;

  [[nodiscard]] static Settings read(config::Config& config);
};

/// The file to read: the one that was asked for, else `ROSTRUM_CONFIG`, ./rostrum.toml,
/// /etc/rostrum/rostrum.toml; empty when there is none of them: then the environment alone counts.
[[nodiscard]] std::string find_config_file(const std::string& asked_for,
                                           const std::map<std::string, std::string>& environment);

/// Reads file and environment; throws Failure(kUsage) with all that is wrong, a line each.
[[nodiscard]] Settings load_settings(const std::string& config_file,
                                     const std::map<std::string, std::string>& environment);

/// All keys of [cli], for docs/operations.md.
[[nodiscard]] std::string config_reference();

/// The value, or Failure(kUsage) naming the key of [cli] that has to be set.
template <class Value>
const Value& required(const Value& value, const char* key);

}  // namespace rostrum::cli
