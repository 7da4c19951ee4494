// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/settings.hpp"

#include "common/bus/look_up.hpp"
#include "common/metrics/http_port.hpp"
#include "common/service/link_settings.hpp"

namespace rostrum::gateway {
namespace {

using config::Section;

/// One of our own accounts; it must live on the domain that this gateway speaks to.
std::optional<Jid> account(Section& section, std::string_view name, std::string_view help,
                           const std::string& domain) {
  const auto text = section.checked(name, std::nullopt, "bare JID", help,
                                    [&](const std::string& value) -> std::optional<std::string> {
                                      const auto jid = Jid::parse(value);
                                      if (!jid) return std::string(describe(jid.error()));
                                      if (jid.value().domain() != domain)
                                        return "must be an account of jabber_domain, " + domain;
                                      return std::nullopt;
                                    });
  const auto jid = Jid::parse(text);
  return jid.ok() ? std::optional(jid.value()) : std::nullopt;
}

std::string domain(Section& section) {
  return section.checked("jabber_domain", std::nullopt, "domain",
                         "XMPP domain of the members; the server's certificate must carry this name.",
                         [](const std::string& value) -> std::optional<std::string> {
                           const auto prepared = prepare_domain(value);
                           if (!prepared) return std::string(describe(prepared.error()));
                           return prepared.value() == value
                                      ? std::nullopt
                                      : std::optional("must be written " + prepared.value());
                         });
}

std::string address(Section& section) {
  return section.checked("jabber_address", std::nullopt, "host:port",
                         "Where the Jabber server listens for clients (STARTTLS).",
                         [](const std::string& value) -> std::optional<std::string> {
                           return bus::HostAndPort::parse(value)
                                      ? std::nullopt
                                      : std::optional<std::string>("must be host:port or [address]:port");
                         });
}

void read_bus(Section& section, Settings& settings) {
  settings.listen =
      service::listen_endpoint(section, "tcp://127.0.0.1:5573", "ZeroMQ endpoint where commands come in.");
  settings.limits = service::limits(section, "Commands", {});
  settings.http = section.checked("http", "127.0.0.1:9573", "address:port",
                                  "Where /metrics, /livez and /readyz are.", metrics::listen_problem);
  settings.key =
      service::key_pair(section, "secret_key", "This gateway's own CURVE key, made by `rostrum keygen`.");
  settings.authorized_keys = section.directory("authorized_keys", std::nullopt,
                                               "Folder with a file for each peer that may send commands.");
  settings.registration =
      service::endpoints(section, "registration", "tcp://127.0.0.1:5571",
                         "Endpoints of registration, told of accounts that come and go without us.");
  settings.registration_key = service::public_key(section, "registration_key", "Public key of registration.");
  settings.notification = service::endpoints(section, "notification", "tcp://127.0.0.1:5572",
                                             "Endpoints of notification, told of receipts and bounces.");
  settings.notification_key = service::public_key(section, "notification_key", "Public key of notification.");
  settings.presence = service::endpoints(section, "presence", "tcp://127.0.0.1:5574",
                                         "Endpoints of presence, told who is online while we own that.");
  settings.presence_key = service::public_key(section, "presence_key", "Public key of presence.");
}

void read_jabber(Section& section, Settings& settings) {
  settings.jabber_domain = domain(section);
  settings.jabber_address = address(section);
  settings.jabber_ca = section.file("jabber_ca", std::nullopt,
                                    "PEM file of the authority that signed the Jabber server's certificate.");
  settings.jabber_stanza_bytes = static_cast<std::size_t>(section.integer(
      "jabber_stanza_bytes", 10'000, 10'000'000, 65'536,
      "Largest stanza that the Jabber server takes; a larger message fails instead of ending the stream."));
  settings.site =
      account(section, "site_jid", "The account as which the site speaks.", settings.jabber_domain);
  settings.site_password =
      section.secret_file("site_password_file", std::nullopt, "File with the password of site_jid.");
  settings.control =
      account(section, "control_jid", "The account that may use the account door; no server administrator.",
              settings.jabber_domain);
  settings.control_password =
      section.secret_file("control_password_file", std::nullopt, "File with the password of control_jid.");
  const auto source = section.one_of("presence_source", {"module", "roster"}, "module",
                                     "How to learn who is online: by the server's module, or, for a few "
                                     "hundred members, by the site's roster.");
  settings.presence_source = source == "roster" ? PresenceSourceKind::kRoster : PresenceSourceKind::kModule;
}

}  // namespace

Settings read_settings(config::Config& config) {
  Settings settings{};
  settings.logging = log::read_settings(config);
  auto section = config.section("gateway");
  read_bus(section, settings);
  read_jabber(section, settings);
  for (const auto* other : {"registration", "notification", "presence", "cli"}) config.ignore_section(other);
  return settings;
}

}  // namespace rostrum::gateway
