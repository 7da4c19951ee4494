// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/adapters/settings.hpp"

#include "common/base/jid.hpp"
#include "common/metrics/http_port.hpp"
#include "common/pg/settings.hpp"
#include "common/service/link_settings.hpp"

namespace rostrum::presence {
namespace {

using config::Section;

void read_bus(Section& section, Settings& settings) {
  settings.listen = service::listen_endpoint(section, "tcp://127.0.0.1:5574",
                                             "ZeroMQ endpoint where observations come in.");
  settings.limits = service::limits(section, "Observations", bus::observation_limits());
  settings.http = section.checked("http", "127.0.0.1:9574", "address:port",
                                  "Where /metrics, /livez and /readyz are.", metrics::listen_problem);
  settings.key =
      service::key_pair(section, "secret_key", "Presence's own CURVE key, made by `rostrum keygen`.");
  settings.authorized_keys = section.directory(
      "authorized_keys", std::nullopt, "Folder with a file for each gateway that may tell what it sees.");
}

void read_domains(Section& section, Settings& settings) {
  for (const auto& text :
       section.texts("domains", std::nullopt, "XMPP domains whose presence is kept here.")) {
    const auto domain = prepare_domain(text);
    if (!domain) {
      section.mistake("domains", "\"" + text + "\": " + std::string(describe(domain.error())));
    } else {
      settings.domains.insert(domain.value());
    }
  }
}

void read_times(Section& section, Settings& settings) {
  settings.lease_length = std::chrono::seconds(
      section.integer("lease_seconds", 3, 60, 10,
                      "For how long a gateway that says nothing owns a domain; others take over after it."));
  settings.history_months = static_cast<int>(section.integer(
      "history_months", 1, 120, 13, "How many whole months of history are kept beside the present one."));
}

}  // namespace

Settings read_settings(config::Config& config) {
  Settings settings{};
  settings.logging = log::read_settings(config);
  auto section = config.section("presence");
  read_bus(section, settings);
  settings.database = pg::read_settings(section, "rostrum_presence");
  read_domains(section, settings);
  read_times(section, settings);
  for (const auto* other : {"gateway", "registration", "notification", "cli"}) config.ignore_section(other);
  return settings;
}

}  // namespace rostrum::presence
