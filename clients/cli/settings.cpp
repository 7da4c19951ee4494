// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/settings.hpp"

#include <filesystem>

#include "clients/cli/exit_code.hpp"
#include "common/config/config.hpp"
#include "common/config/files.hpp"
#include "common/config/reference.hpp"
#include "common/pg/settings.hpp"

namespace rostrum::cli {

Settings Settings::read(config::Config& config) {
  for (const auto* other : {"log", "gateway", "registration", "notification", "presence"})
    config.ignore_section(other);
  auto section = config.section("cli");
  const std::vector<std::string> none;
  Settings settings;
  settings.source_key = section.file("source_key", "", "the site's own key, made by `rostrum keygen`");
  settings.check_key =
      section.file("check_key", "", "the operator's key, with which `rostrum check` asks the gateways");
  settings.registration = section.texts("registration", none, "endpoints of registration's intake");
  settings.registration_key = section.file("registration_key", "", "registration's public key");
  settings.notification = section.texts("notification", none, "endpoints of notification's intake");
  settings.notification_key = section.file("notification_key", "", "notification's public key");
  settings.sealing_key = section.file("sealing_key", "", "public key to which members' passwords are sealed");
  settings.gateways = section.texts("gateways", none, "endpoints of the gateways, for `rostrum check`");
  settings.gateway_key = section.file("gateway_key", "", "the gateways' public key");
  settings.database =
      section.text("database", "", "libpq keywords or URI, as rostrum_reader: what is shown is read there");
  settings.operator_database =
      section.text("operator_database", "",
                   "libpq keywords or URI, as rostrum_operator: for `rostrum dead replay` and `drop`");
  settings.owner_database = section.text(
      "owner_database", "", "libpq keywords or URI, as the owner of the database: for `rostrum migrate`");
  settings.services_http =
      section.texts("services_http", none, "HTTP ports of all services, for `rostrum check`");
  return settings;
}

std::string find_config_file(const std::string& asked_for,
                             const std::map<std::string, std::string>& environment) {
  if (!asked_for.empty()) return asked_for;
  if (const auto named = environment.find("ROSTRUM_CONFIG"); named != environment.end()) return named->second;
  for (const auto* usual : {"rostrum.toml", "/etc/rostrum/rostrum.toml"}) {
    std::error_code ignored;
    if (std::filesystem::exists(usual, ignored)) return usual;
  }
  return {};
}

Settings load_settings(const std::string& config_file,
                       const std::map<std::string, std::string>& environment) {
  auto config = config::Config::load(config_file, environment);
  auto settings = Settings::read(config);
  std::string text;
  for (const auto& mistake : config.mistakes())
    text += (text.empty() ? "" : "\n") + mistake.where + ": " + mistake.what;
  const auto look_at = [&](const char* key, const std::string& conninfo) {
    const auto problem = config::problem_if_others_may_read(config_file);
    if (!problem || !pg::holds_password(conninfo)) return;
    text += (text.empty() ? "" : "\n") + config_file + ": [cli] " + key + " holds a password, and " +
            problem->what;
  };
  if (!environment.contains("ROSTRUM_CLI_DATABASE")) look_at("database", settings.database);
  if (!environment.contains("ROSTRUM_CLI_OWNER_DATABASE")) look_at("owner_database", settings.owner_database);
  if (!environment.contains("ROSTRUM_CLI_OPERATOR_DATABASE"))
    look_at("operator_database", settings.operator_database);
  if (!text.empty()) throw Failure{ExitCode::kUsage, std::move(text)};
  return settings;
}

std::string config_reference() {
  auto config = config::Config::reference();
  [[maybe_unused]] const auto unset = Settings::read(config);
  return config::reference_table(config.options());
}

template <class Value>
const Value& required(const Value& value, const char* key) {
  if (!value.empty()) return value;
  throw Failure{ExitCode::kUsage,
                std::string("[cli] ") + key +
                    " is not set; set it in rostrum.toml (see --config) or in the environment"};
}
template const std::string& required(const std::string& value, const char* key);
template const std::vector<std::string>& required(const std::vector<std::string>& value, const char* key);

}  // namespace rostrum::cli
