// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/adapters/settings.hpp"

#include "common/metrics/http_port.hpp"
#include "common/pg/settings.hpp"
#include "common/service/link_settings.hpp"

namespace rostrum::notification {
namespace {

using config::Section;

constexpr std::int64_t kHoursOfADay = 24;
constexpr std::int64_t kHoursOfAWeek = 168;
constexpr std::int64_t kHoursOfAYear = 8'784;  // as long as a notice may say itself (core/parse.cpp)

void read_bus(Section& section, Settings& settings) {
  settings.listen =
      service::listen_endpoint(section, "tcp://127.0.0.1:5572", "ZeroMQ endpoint where events come in.");
  settings.limits = service::limits(section, "Events", {});
  settings.http = section.checked("http", "127.0.0.1:9572", "address:port",
                                  "Where /metrics, /livez and /readyz are.", metrics::listen_problem);
  settings.key =
      service::key_pair(section, "secret_key", "Notification's own CURVE key, made by `rostrum keygen`.");
  settings.authorized_keys = section.directory("authorized_keys", std::nullopt,
                                               "Folder with a file for each peer that may send events.");
  settings.gateways =
      service::endpoints(section, "gateways", "tcp://127.0.0.1:5573", "Endpoints of all gateways.");
  settings.gateway_key = service::public_key(section, "gateway_key", "Public key of the gateways.");
}

void read_expiry(Section& section, Settings& settings) {
  settings.default_life =
      std::chrono::hours(section.integer("default_expiry_hours", 1, kHoursOfAYear, kHoursOfAWeek,
                                         "For how long a notice is sent that does not say so itself."));
  settings.give_up_after = std::chrono::hours(section.integer(
      "give_up_after_hours", 1, kHoursOfAYear, kHoursOfADay,
      "For how long a message is repeated, ever more slowly, whose confirmation gets lost again and "
      "again, before it is a dead letter."));
}

void read_retention(Section& section, Settings& settings) {
  constexpr std::int64_t kDaysOfTenYears = 3'653;
  settings.keep =
      std::chrono::days(section.integer("keep_days", 1, kDaysOfTenYears, 90,
                                        "For how many days a notice and its deliveries are kept after the "
                                        "last of them ended. Dead letters stay "
                                        "until they are replayed, or have been dropped for so long."));
}

}  // namespace

Settings read_settings(config::Config& config) {
  Settings settings{};
  settings.logging = log::read_settings(config);
  auto section = config.section("notification");
  read_bus(section, settings);
  settings.database = pg::read_settings(section, "rostrum_notification");
  read_expiry(section, settings);
  read_retention(section, settings);
  for (const auto* other : {"gateway", "registration", "presence", "cli"}) config.ignore_section(other);
  return settings;
}

}  // namespace rostrum::notification
