// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/gateway.hpp"

#include "common/bus/command_server.hpp"
#include "common/service/flow_gauges.hpp"
#include "common/service/frame.hpp"
#include "services/gateway/adapters/command_desk.hpp"
#include "services/gateway/adapters/inspector.hpp"
#include "services/gateway/adapters/member_events.hpp"
#include "services/gateway/adapters/presence_link.hpp"

namespace rostrum::gateway {
namespace {

SessionSettings session(std::string name, const Jid& account, Secret password, const std::string& address,
                        bool stream_management) {
  return {std::move(name),
          account,
          std::move(password),
          *bus::HostAndPort::parse(address),
          stream_management,
          {},
          {},
          {}};
}

bus::ConnectSettings link(std::vector<std::string> endpoints, const bus::KeyPair& own,
                          const bus::PublicKey& server) {
  return {.endpoints = std::move(endpoints), .own = own.duplicate(), .server = server};
}

/// Everything one gateway consists of, in the order in which it comes to be; it goes the other way round.
class Gateway {
 public:
  explicit Gateway(Settings settings);
  int run();

 private:
  void look_at_links();
  void begin_to_stop();
  [[nodiscard]] bool at_rest() const;
  void close_streams();
  [[nodiscard]] bool all_told() const;
  [[nodiscard]] SessionTools tools() {
    return {frame_.reactor, frame_.random, frame_.log, frame_.registry, tls_};
  }

  Settings settings_;
  service::Frame frame_;
  TlsContext tls_;
  metrics::Health::Part& links_health_;
  EventQueue to_registration_;
  EventQueue to_notification_;
  MemberEvents member_events_;
  CommandDesk desk_;
  SenderSession sender_;
  AccountDoor door_;
  PresenceLink presence_;
  Inspector inspector_;
  bus::Authenticator authenticator_;
  bus::CommandServer server_;
  service::FlowGauges flow_;
};

Gateway::Gateway(Settings settings)
    : settings_(std::move(settings)),
      frame_("gateway", settings_.logging),
      tls_(settings_.jabber_ca),
      links_health_(frame_.health.part("links")),
      to_registration_(frame_.reactor, frame_.random, frame_.log, frame_.registry, "registration",
                       link(settings_.registration, *settings_.key, *settings_.registration_key)),
      to_notification_(frame_.reactor, frame_.random, frame_.log, frame_.registry, "notification",
                       link(settings_.notification, *settings_.key, *settings_.notification_key)),
      member_events_(to_registration_, to_notification_, settings_.jabber_domain),
      desk_(frame_.clock, frame_.registry, settings_.jabber_domain,
            {.stanza_bytes = settings_.jabber_stanza_bytes},
            [this](const Uuid& id, bus::CommandResult result) { server_.answer(id, std::move(result)); }),
      sender_(
          tools(),
          session("sender", *settings_.site, settings_.site_password.duplicate(), settings_.jabber_address,
                  true),
          {}, frame_.health.part("sender-stream"),
          [this](const Uuid& id, Outcome outcome) { desk_.concluded(id, std::move(outcome)); },
          [this](const gloox::Tag& message) { member_events_.read(message); }),
      door_(
          tools(),
          session("door", *settings_.control, std::move(settings_.control_password), settings_.jabber_address,
                  false),
          *settings_.site, {}, frame_.health.part("account-door"),
          [this](const Uuid& id, Outcome outcome) { desk_.concluded(id, std::move(outcome)); },
          [this](const gloox::Tag& message) { member_events_.read(message); }),
      presence_(
          tools(),
          {PresenceAddresses(settings_.jabber_domain, {*settings_.site, *settings_.control}),
           settings_.presence_source, link(settings_.presence, *settings_.key, *settings_.presence_key)},
          [this] {
            return session("presence", *settings_.site, settings_.site_password.duplicate(),
                           settings_.jabber_address, false);
          },
          frame_.health.part("presence"),
          [this](const gloox::Tag& message) { member_events_.read(message); }),
      inspector_(tools(),
                 {*bus::HostAndPort::parse(settings_.jabber_address),
                  settings_.jabber_domain,
                  {settings_.jabber_stanza_bytes, settings_.presence_source == PresenceSourceKind::kModule}},
                 sender_, door_),
      authenticator_(frame_.reactor, frame_.authenticator(settings_.authorized_keys)),
      server_(frame_.reactor, frame_.random, authenticator_,
              {.listen = settings_.listen,
               .own = settings_.key->duplicate(),
               .limits = settings_.limits,
               .on_connections = frame_.connections()},
              {.on_command = [this](const Uuid& id, const v1::Command& command,
                                    MonoTime deadline) { desk_.take(id, command, deadline); },
               .on_link = [this](const bus::LinkEvent& event) { frame_.report(event); }}),
      flow_("rostrum_gateway_commands", "commands", frame_.registry) {
  desk_.connect({sender_, door_, inspector_});
}

int Gateway::run() {
  sender_.start();
  door_.start();
  frame_.log.info(
      "started",
      {{"listen", server_.endpoint()}, {"http", settings_.http}, {"domain", settings_.jabber_domain}});
  return frame_.run(settings_.http, {.beat = [this] { look_at_links(); },
                                     .begin_to_stop = [this] { begin_to_stop(); },
                                     .at_rest = [this] { return at_rest(); },
                                     .end = [this] { close_streams(); },
                                     .ended = [this] { return all_told(); }});
}

void Gateway::look_at_links() {
  presence_.look();
  flow_.show(server_.flow());
  to_registration_.show();
  to_notification_.show();
  if (to_registration_.connected() && to_notification_.connected()) {
    links_health_.good();
  } else {
    links_health_.bad(to_registration_.connected() ? to_notification_.trouble() : to_registration_.trouble());
  }
}

bool Gateway::at_rest() const {
  return desk_.in_progress() == 0 && presence_.at_rest();
}

/// Takes no more, ends what was started, tells the rest that it was not.
void Gateway::begin_to_stop() {
  server_.set_open(false);
  sender_.stop();
  door_.stop();
  presence_.stop();
}

void Gateway::close_streams() {
  sender_.close();
  door_.close();
  presence_.close();
}

/// Nothing more comes over the streams, and what members answered has been told.
bool Gateway::all_told() const {
  return sender_.closed() && door_.closed() && presence_.closed() && to_registration_.at_rest() &&
         to_notification_.at_rest();
}

}  // namespace

int serve(Settings settings) {
  return Gateway(std::move(settings)).run();
}

}  // namespace rostrum::gateway
