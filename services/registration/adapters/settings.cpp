// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/registration/adapters/settings.hpp"

#include "common/metrics/http_port.hpp"
#include "common/pg/settings.hpp"
#include "common/service/link_settings.hpp"

namespace rostrum::registration {
namespace {

using config::Section;

void read_bus(Section& section, Settings& settings) {
  settings.listen =
      service::listen_endpoint(section, "tcp://127.0.0.1:5571", "ZeroMQ endpoint where events come in.");
  settings.limits = service::limits(section, "Events", {});
  settings.http = section.checked("http", "127.0.0.1:9571", "address:port",
                                  "Where /metrics, /livez and /readyz are.", metrics::listen_problem);
  settings.key =
      service::key_pair(section, "secret_key", "Registration's own CURVE key, made by `rostrum keygen`.");
  settings.authorized_keys = section.directory("authorized_keys", std::nullopt,
                                               "Folder with a file for each peer that may send events.");
  settings.sealing_key = service::key_pair(
      section, "sealing_key", "Key that opens members' sealed passwords; sites hold its public half.");
  settings.gateways =
      service::endpoints(section, "gateways", "tcp://127.0.0.1:5573", "Endpoints of all gateways.");
  settings.gateway_key = service::public_key(section, "gateway_key", "Public key of the gateways.");
}

void read_jids(Section& section, Settings& settings) {
  for (const auto& text :
       section.texts("domains", std::nullopt, "XMPP domains in which members may have their accounts.")) {
    const auto domain = prepare_domain(text);
    if (!domain) {
      section.mistake("domains", "\"" + text + "\": " + std::string(describe(domain.error())));
    } else {
      settings.jids.domains.insert(domain.value());
    }
  }
  for (const auto& text : section.texts(
           "reserved_jids", std::nullopt,
           "Accounts that can never be members: the site's own, the control account, administrators.")) {
    const auto jid = Jid::prepare(text);
    if (!jid) {
      section.mistake("reserved_jids", "\"" + text + "\": " + std::string(describe(jid.error())));
    } else {
      settings.jids.reserved.insert(jid.value());
    }
  }
}

void read_patience(Section& section, Settings& settings) {
  constexpr std::int64_t kHoursOfAWeek = 168;
  constexpr std::int64_t kHoursOfAYear = 8'784;
  settings.give_up_after = std::chrono::hours(section.integer(
      "give_up_after_hours", 1, kHoursOfAYear, kHoursOfAWeek,
      "For how long an account waits for a gateway, or for the end of what passes, before it is a "
      "dead letter."));
}

}  // namespace

Settings read_settings(config::Config& config) {
  Settings settings{};
  settings.logging = log::read_settings(config);
  auto section = config.section("registration");
  read_bus(section, settings);
  settings.database = pg::read_settings(section, "rostrum_registration");
  read_jids(section, settings);
  read_patience(section, settings);
  for (const auto* other : {"gateway", "notification", "presence", "cli"}) config.ignore_section(other);
  return settings;
}

}  // namespace rostrum::registration
