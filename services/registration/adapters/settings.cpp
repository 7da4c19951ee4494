// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/registration/adapters/settings.hpp"

#include <stdexcept>
#include <utility>

#include "common/metrics/http_port.hpp"

namespace rostrum::registration {
namespace {

using config::Section;

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
  settings.listen = section.text("listen", "tcp://127.0.0.1:5571", "ZeroMQ endpoint where events come in.");
  settings.http = section.checked("http", "127.0.0.1:9571", "address:port",
                                  "Where /metrics, /livez and /readyz are.", metrics::listen_problem);
  settings.key = key_file<bus::KeyPair>(
      section, "secret_key", "Registration's own CURVE key, made by `rostrum keygen`.", bus::read_secret_key);
  settings.authorized_keys = section.directory("authorized_keys", std::nullopt,
                                               "Folder with a file for each peer that may send events.");
  settings.sealing_key = key_file<bus::KeyPair>(
      section, "sealing_key", "Key that opens members' sealed passwords; sites hold its public half.",
      bus::read_secret_key);
  settings.gateways = section.texts("gateways", std::vector<std::string>{"tcp://127.0.0.1:5573"},
                                    "Endpoints of all gateways.");
  settings.gateway_key =
      key_file<bus::PublicKey>(section, "gateway_key", "Public key of the gateways.", bus::read_public_key);
}

void read_database(Section& section, Settings& settings) {
  settings.database = section.checked("database", std::nullopt, "libpq connection string",
                                      "How to reach PostgreSQL, as role rostrum_registration.",
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

}  // namespace

Settings read_settings(config::Config& config) {
  Settings settings{};
  settings.logging = log::read_settings(config);
  auto section = config.section("registration");
  read_bus(section, settings);
  read_database(section, settings);
  read_jids(section, settings);
  for (const auto* other : {"gateway", "notification", "cli"}) config.ignore_section(other);
  return settings;
}

}  // namespace rostrum::registration
