// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/gateway.hpp"

#include <csignal>
#include <functional>

#include "common/bus/command_server.hpp"
#include "common/metrics/http_port.hpp"
#include "services/gateway/adapters/command_desk.hpp"
#include "services/gateway/adapters/inspector.hpp"
#include "services/gateway/adapters/member_events.hpp"

namespace rostrum::gateway {
namespace {

SessionSettings session(std::string name, const Jid& account, Secret password, const std::string& address,
                        bool stream_management) {
  return {std::move(name),
          account,
          std::move(password),
          *HostAndPort::parse(address),
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
  void beat();
  void begin_to_stop(int signal);
  void stop_when_done(int polls_left);
  void report_link(const bus::LinkEvent& event);
  [[nodiscard]] bus::Authenticator::Settings authenticator_settings();
  [[nodiscard]] SessionTools tools() { return {reactor_, random_, log_, registry_, tls_}; }

  Settings settings_;
  log::Log log_;
  metrics::Registry registry_;
  metrics::Health health_;
  SystemClock clock_;
  SystemRandom random_;
  bus::Reactor reactor_{clock_};
  /// Here, before anything starts a thread that would take the signals instead.
  struct Signals {
    Signals(bus::Reactor& reactor, std::function<void(int)> handler) {
      reactor.on_signals({SIGTERM, SIGINT}, std::move(handler));
    }
  } signals_{reactor_, [this](int signal) { begin_to_stop(signal); }};
  TlsContext tls_;
  metrics::Health::Part& links_health_;
  EventQueue to_registration_;
  EventQueue to_notification_;
  MemberEvents member_events_;
  CommandDesk desk_;
  SenderSession sender_;
  AccountDoor door_;
  Inspector inspector_;
  bus::Authenticator authenticator_;
  bus::CommandServer server_;
  bus::Timer beat_timer_{reactor_};
  bus::Timer stop_timer_{reactor_};
  metrics::HttpPort http_;
};

Gateway::Gateway(Settings settings)
    : settings_(std::move(settings)),
      log_("gateway", settings_.logging.format, settings_.logging.level),
      tls_(settings_.jabber_ca),
      links_health_(health_.part("links")),
      to_registration_(reactor_, random_, log_, registry_, "registration",
                       link(settings_.registration, *settings_.key, *settings_.registration_key)),
      to_notification_(reactor_, random_, log_, registry_, "notification",
                       link(settings_.notification, *settings_.key, *settings_.notification_key)),
      member_events_(to_registration_, to_notification_, settings_.jabber_domain),
      desk_(clock_, registry_, settings_.jabber_domain, {.stanza_bytes = settings_.jabber_stanza_bytes},
            [this](const Uuid& id, bus::CommandResult result) { server_.answer(id, std::move(result)); }),
      sender_(
          tools(),
          session("sender", *settings_.site, std::move(settings_.site_password), settings_.jabber_address,
                  true),
          {}, health_.part("sender-stream"),
          [this](const Uuid& id, Outcome outcome) { desk_.concluded(id, std::move(outcome)); },
          [this](const gloox::Tag& message) { member_events_.read(message); }),
      door_(
          tools(),
          session("door", *settings_.control, std::move(settings_.control_password), settings_.jabber_address,
                  false),
          *settings_.site, {}, health_.part("account-door"),
          [this](const Uuid& id, Outcome outcome) { desk_.concluded(id, std::move(outcome)); },
          [this](const gloox::Tag& message) { member_events_.read(message); }),
      inspector_(tools(),
                 {*HostAndPort::parse(settings_.jabber_address), settings_.jabber_domain,
                  settings_.jabber_stanza_bytes},
                 sender_, door_),
      authenticator_(reactor_, authenticator_settings()),
      server_(reactor_, random_, authenticator_,
              {.listen = settings_.listen, .own = settings_.key->duplicate(), .limits = {}},
              {.on_command = [this](const Uuid& id, const v1::Command& command,
                                    MonoTime deadline) { desk_.take(id, command, deadline); },
               .on_link = [this](const bus::LinkEvent& event) { report_link(event); }}),
      http_(settings_.http, registry_, health_) {
  desk_.connect({sender_, door_, inspector_});
}

int Gateway::run() {
  beat();
  sender_.start();
  door_.start();
  log_.info("started",
            {{"listen", server_.endpoint()}, {"http", settings_.http}, {"domain", settings_.jabber_domain}});
  reactor_.run();
  log_.info("stopped");
  return 0;
}

void Gateway::beat() {
  health_.beat();
  if (to_registration_.connected() && to_notification_.connected()) {
    links_health_.good();
  } else {
    links_health_.bad(to_registration_.connected() ? "notification is not connected"
                                                   : "registration is not connected");
  }
  beat_timer_.start(Milliseconds{500}, [this] { beat(); });
}

/// Takes no more, ends what was started, tells the rest that it was not.
void Gateway::begin_to_stop(int signal) {
  if (stop_timer_.armed()) return reactor_.stop();  // asked twice: at once
  log_.info("stopping", {{"signal", signal}, {"in_progress", desk_.in_progress()}});
  server_.set_open(false);
  sender_.stop();
  door_.stop();
  stop_when_done(50);
}

void Gateway::stop_when_done(int polls_left) {
  if (desk_.in_progress() > 0 && polls_left > 0)
    return stop_timer_.start(Milliseconds{100}, [this, polls_left] { stop_when_done(polls_left - 1); });
  sender_.close();
  door_.close();
  stop_timer_.start(Milliseconds{100}, [this] { reactor_.stop(); });  // the last results leave meanwhile
}

bus::Authenticator::Settings Gateway::authenticator_settings() {
  return {.directory = settings_.authorized_keys,
          .on_reload =
              [this](const std::string& text, bool good) {
                good ? log_.info("keys_loaded", {{"detail", text}})
                     : log_.error("keys_unreadable", {{"detail", text}});
              },
          .on_refused =
              [this](const std::string& reason, const std::string& key) {
                log_.warning("peer_refused", {{"reason", reason}, {"key", key}});
              }};
}

void Gateway::report_link(const bus::LinkEvent& event) {
  const std::initializer_list<log::Field> fields = {{"peer", event.endpoint}, {"detail", event.text}};
  switch (event.kind) {
    case bus::LinkEvent::Kind::kConnected:
      return log_.info("peer_connected", fields);
    case bus::LinkEvent::Kind::kLost:
      return log_.info("peer_lost", fields);
    case bus::LinkEvent::Kind::kRefused:
      return log_.warning("peer_refused", fields);
    case bus::LinkEvent::Kind::kFrameRefused:
      return log_.warning("frame_refused", fields);
  }
}

}  // namespace

int serve(Settings settings) {
  return Gateway(std::move(settings)).run();
}

}  // namespace rostrum::gateway
