// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/adapters/settings.hpp"

#include <stdexcept>
#include <utility>

#include "common/metrics/http_port.hpp"

namespace rostrum::notification {
namespace {

using config::Section;

constexpr std::int64_t kHoursOfAWeek = 168;
constexpr std::int64_t kHoursOfAYear = 8'784;  // as long as a notice may say itself (core/parse.cpp)

/// A file of the section, read as a key; a key that cannot be read is a mistake at its own line.
template <class Key, class Read>
std::optional<Key> key_file(Section& section, std::string_view name, std::string_view help,
                            const Read& read) {
  const auto path = section.file(name, std::nullopt, help);
  if (path.empty()) return std::nullopt;
  auto key = read(path);
  if (key.ok()) return std::move(key).value();
  section.mistake(name, key.error().text);
  return std::nullopt;
}

void read_bus(Section& section, Settings& settings) {
  settings.listen = section.text("listen", "tcp://127.0.0.1:5572", "ZeroMQ endpoint where events come in.");
  settings.http = section.checked("http", "127.0.0.1:9572", "address:port",
                                  "Where /metrics, /livez and /readyz are.", metrics::listen_problem);
  settings.key = key_file<bus::KeyPair>(
      section, "secret_key", "Notification's own CURVE key, made by `rostrum keygen`.", bus::read_secret_key);
  settings.authorized_keys = section.directory("authorized_keys", std::nullopt,
                                               "Folder with a file for each peer that may send events.");
  settings.gateways = section.texts("gateways", std::vector<std::string>{"tcp://127.0.0.1:5573"},
                                    "Endpoints of all gateways.");
  settings.gateway_key =
      key_file<bus::PublicKey>(section, "gateway_key", "Public key of the gateways.", bus::read_public_key);
}

void read_database(Section& section, Settings& settings) {
  settings.database = section.checked("database", std::nullopt, "libpq connection string",
                                      "How to reach PostgreSQL, as role rostrum_notification.",
                                      [](const std::string& value) -> std::optional<std::string> {
                                        try {
                                          (void)pg::complete_conninfo({value, Secret()}, "check");
                                          return std::nullopt;
                                        } catch (const std::runtime_error& error) {
                                          return error.what();
                                        }
                                      });
  settings.database_password = section.secret_file(
      "database_password_file", "", "File with the role's password; empty where the server asks for none.");
}

void read_expiry(Section& section, Settings& settings) {
  settings.default_life =
      std::chrono::hours(section.integer("default_expiry_hours", 1, kHoursOfAYear, kHoursOfAWeek,
                                         "For how long a notice is sent that does not say so itself."));
}

}  // namespace

Settings read_settings(config::Config& config) {
  Settings settings{};
  settings.logging = log::read_settings(config);
  auto section = config.section("notification");
  read_bus(section, settings);
  read_database(section, settings);
  read_expiry(section, settings);
  for (const auto* other : {"gateway", "registration", "cli"}) config.ignore_section(other);
  return settings;
}

}  // namespace rostrum::notification
