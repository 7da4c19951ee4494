// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/adapters/notification.hpp"

#include <csignal>
#include <functional>
#include <utility>

#include "common/dispatch/dispatcher.hpp"
#include "common/intake/group_commit.hpp"
#include "common/metrics/http_port.hpp"
#include "services/notification/adapters/delivery_store.hpp"
#include "services/notification/adapters/expander.hpp"
#include "services/notification/adapters/notification_domain.hpp"
#include "services/notification/adapters/sweeper.hpp"

namespace rostrum::notification {
namespace {

dispatch::Settings dispatch_settings() {
  return {.service = "notification"};
}

/// Everything one notification service consists of, in the order in which it comes to be; it goes the other
/// way round.
class Notification {
 public:
  explicit Notification(Settings settings);
  int run();

 private:
  void beat();
  void begin_to_stop(int signal);
  void stop_when_done(int polls_left);
  void report_link(const bus::LinkEvent& event);
  void intake_opened(bool open);
  [[nodiscard]] bus::Authenticator::Settings authenticator_settings();
  [[nodiscard]] pg::Settings database();
  [[nodiscard]] pg::Worker::Handlers intake_database();
  [[nodiscard]] pg::Worker::Handlers work_database();

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
  metrics::Health::Part& database_health_;
  metrics::Health::Part& intake_health_;
  metrics::Health::Part& gateway_health_;
  Meter meter_{registry_};
  bus::Authenticator authenticator_;
  bus::EventIntake intake_;
  bus::CommandClient gateways_;
  NotificationDomain domain_;
  DeliveryStore deliveries_{meter_};
  // Three threads: an expansion of 100,000 members holds up neither the intake nor what is being sent.
  pg::Worker intake_worker_;
  pg::Worker expansion_worker_;
  pg::Worker delivery_worker_;
  intake::GroupCommit group_commit_;
  dispatch::Dispatcher<ClaimedDelivery> dispatcher_;
  Expander expander_;
  Sweeper sweeper_;
  bus::Timer beat_timer_{reactor_};
  bus::Timer stop_timer_{reactor_};
  metrics::HttpPort http_;
};

Notification::Notification(Settings settings)
    : settings_(std::move(settings)),
      log_("notification", settings_.logging.format, settings_.logging.level),
      database_health_(health_.part("database")),
      intake_health_(health_.part("intake")),
      gateway_health_(health_.part("gateway")),
      authenticator_(reactor_, authenticator_settings()),
      intake_(reactor_, random_, authenticator_,
              {.listen = settings_.listen, .own = settings_.key->duplicate(), .limits = {}},
              NotificationDomain::served_types(),
              {.on_gathered = [this] { group_commit_.kick(); },
               .on_link = [this](const bus::LinkEvent& event) { report_link(event); },
               .on_rejected = [this](std::string_view type,
                                     int code) { group_commit_.rejected_by_envelope(type, code); }}),
      gateways_(reactor_, random_,
                {.endpoints = settings_.gateways,
                 .own = settings_.key->duplicate(),
                 .server = *settings_.gateway_key},
                dispatch_settings().stanza_deadline,
                {.on_link = [this](const bus::LinkEvent& event) { report_link(event); },
                 .on_credit = [this] { dispatcher_.credit_came(); }}),
      domain_(settings_.default_life, meter_, [this] { expander_.kick(); }),
      intake_worker_(reactor_, "rostrum-notification intake", database(), intake_database()),
      expansion_worker_(reactor_, "rostrum-notification expansion", database(), {}),
      delivery_worker_(reactor_, "rostrum-notification delivery", database(), work_database()),
      group_commit_(reactor_, intake_, intake_worker_, domain_,
                    {.schema = "notification", .on_open = [this](bool open) { intake_opened(open); }},
                    registry_, log_),
      dispatcher_(reactor_, delivery_worker_, gateways_, deliveries_, make_send_message, dispatch_settings(),
                  random_, registry_, log_),
      expander_(reactor_, expansion_worker_, meter_, log_, [this] { dispatcher_.kick(); }),
      sweeper_(reactor_, expansion_worker_, meter_, log_),
      http_(settings_.http, registry_, health_) {}

int Notification::run() {
  beat();
  log_.info("started", {{"listen", intake_.endpoint()}, {"http", settings_.http}});
  reactor_.run();
  log_.info("stopped");
  return 0;
}

void Notification::beat() {
  health_.beat();
  if (gateways_.gateways() > 0) {
    gateway_health_.good();
  } else {
    gateway_health_.bad("no gateway is connected");
  }
  beat_timer_.start(Milliseconds(500), [this] { beat(); });
}

/// Takes no more events, expands and claims nothing more; what is at hand is committed, answered and settled,
/// within five seconds.
void Notification::begin_to_stop(int signal) {
  if (stop_timer_.armed()) return reactor_.stop();  // asked twice: at once
  log_.info("stopping", {{"signal", signal},
                         {"waiting_events", intake_.waiting()},
                         {"commands_in_flight", gateways_.in_flight()}});
  group_commit_.drain();
  dispatcher_.drain();
  expander_.drain();
  stop_when_done(48);
}

void Notification::stop_when_done(int polls_left) {
  const bool done = group_commit_.idle() && dispatcher_.idle() && expander_.idle();
  if (!done && polls_left > 0)
    return stop_timer_.start(Milliseconds(100), [this, polls_left] { stop_when_done(polls_left - 1); });
  stop_timer_.start(Milliseconds(100), [this] { reactor_.stop(); });  // the last outcomes leave meanwhile
}

void Notification::report_link(const bus::LinkEvent& event) {
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

void Notification::intake_opened(bool open) {
  if (open) {
    intake_health_.good();
  } else {
    intake_health_.bad("closed: the database is away, or the service is stopping");
  }
}

bus::Authenticator::Settings Notification::authenticator_settings() {
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

pg::Settings Notification::database() {
  return {settings_.database, settings_.database_password.duplicate()};
}

pg::Worker::Handlers Notification::intake_database() {
  return {.on_up =
              [this] {
                log_.info("database_up");
                database_health_.good();
                group_commit_.database_up();
              },
          .on_down =
              [this](const std::string& why) {
                log_.error("database_down", {{"detail", why}});
                database_health_.bad(why);
                group_commit_.database_down();
              }};
}

pg::Worker::Handlers Notification::work_database() {
  return {.on_up = [this] { dispatcher_.kick(); },
          .on_down =
              [this](const std::string& why) {
                log_.error("work_database_down", {{"detail", why}});
              }};
}

}  // namespace

int serve(Settings settings) {
  return Notification(std::move(settings)).run();
}

}  // namespace rostrum::notification
