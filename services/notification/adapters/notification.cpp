// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/adapters/notification.hpp"

#include <utility>

#include "common/database/report.hpp"
#include "common/dispatch/dispatcher.hpp"
#include "common/intake/group_commit.hpp"
#include "common/service/flow_gauges.hpp"
#include "common/service/frame.hpp"
#include "common/service/link_report.hpp"
#include "services/notification/adapters/delivery_store.hpp"
#include "services/notification/adapters/expander.hpp"
#include "services/notification/adapters/notification_domain.hpp"
#include "services/notification/adapters/retention.hpp"
#include "services/notification/adapters/sweeper.hpp"

namespace rostrum::notification {
namespace {

dispatch::Settings dispatch_settings() {
  return {.service = "notification"};
}

// Not more often: they are counted one by one.
constexpr Milliseconds kLookAtDeadLettersEvery{30'000};

/// Everything one notification service consists of, in the order in which it comes to be; it goes the other
/// way round.
class Notification {
 public:
  explicit Notification(Settings settings);
  int run();

 private:
  void look_around();
  void begin_to_stop();
  void intake_opened(bool open);
  [[nodiscard]] pg::Settings database(bool keeps_plans = false) const;
  [[nodiscard]] database::Report report(const char* part, const char* connection);

  Settings settings_;
  service::Frame frame_;
  Meter meter_{frame_.registry};
  database::Report intake_report_;
  database::Report expansion_report_;
  database::Report delivery_report_;
  metrics::Health::Part& intake_health_;
  metrics::Health::Part& gateway_health_;
  bus::Authenticator authenticator_;
  bus::EventIntake intake_;
  service::LinkReport gateways_report_;
  service::FlowGauges flow_;
  bus::CommandClient gateways_;
  NotificationDomain domain_;
  DeliveryStore deliveries_;
  // Three threads: an expansion of 100,000 members holds up neither the intake nor what is being sent.
  pg::Worker intake_worker_;
  pg::Worker expansion_worker_;
  pg::Worker delivery_worker_;
  intake::GroupCommit group_commit_;
  dispatch::Dispatcher<ClaimedDelivery> dispatcher_;
  Expander expander_;
  Sweeper sweeper_;
  Retention retention_;
};

Notification::Notification(Settings settings)
    : settings_(std::move(settings)),
      frame_("notification", settings_.logging),
      intake_report_(report("database", "intake")),
      expansion_report_(report("expansion-database", "expansion")),
      delivery_report_(report("delivery-database", "delivery")),
      intake_health_(frame_.health.part("intake")),
      gateway_health_(frame_.health.part("gateway")),
      authenticator_(frame_.reactor, frame_.authenticator(settings_.authorized_keys)),
      intake_(frame_.reactor, frame_.random, authenticator_,
              {.listen = settings_.listen,
               .own = settings_.key->duplicate(),
               .limits = settings_.limits,
               .on_connections = frame_.connections()},
              NotificationDomain::served_types(),
              {.on_gathered = [this] { group_commit_.kick(); },
               .on_link = [this](const bus::LinkEvent& event) { frame_.report(event); },
               .on_rejected = [this](std::string_view type,
                                     int code) { group_commit_.rejected_by_envelope(type, code); }}),
      gateways_report_(frame_.log, frame_.registry, frame_.clock, "notification", "gateway"),
      flow_("rostrum_notification_intake", "events", frame_.registry),
      gateways_(frame_.reactor, frame_.random,
                {.endpoints = settings_.gateways,
                 .own = settings_.key->duplicate(),
                 .server = *settings_.gateway_key},
                dispatch_settings().stanza_deadline,
                {.on_link = [this](const bus::LinkEvent& event) { gateways_report_.hear(event); },
                 .on_credit = [this] { dispatcher_.credit_came(); }}),
      domain_(settings_.default_life, meter_, [this] { expander_.kick(); }),
      deliveries_(settings_.give_up_after, meter_),
      intake_worker_(frame_.reactor, "rostrum-notification intake", database(true),
                     intake_report_.handlers([this] { group_commit_.database_up(); },
                                             [this] { group_commit_.database_down(); })),
      expansion_worker_(frame_.reactor, "rostrum-notification expansion", database(),
                        expansion_report_.handlers([this] { expander_.kick(); }, [] {})),
      delivery_worker_(frame_.reactor, "rostrum-notification delivery", database(),
                       delivery_report_.handlers([this] { dispatcher_.kick(); }, [] {})),
      group_commit_(frame_.reactor, intake_, intake_worker_, domain_,
                    {.schema = "notification",
                     .budget = settings_.limits.for_all(),
                     .on_open = [this](bool open) { intake_opened(open); }},
                    frame_.random, frame_.registry, frame_.log),
      dispatcher_(frame_.reactor, delivery_worker_, gateways_, deliveries_, make_send_message,
                  dispatch_settings(), frame_.random, frame_.registry, frame_.log),
      expander_(frame_.reactor, expansion_worker_, meter_, frame_.log, [this] { dispatcher_.kick(); }),
      sweeper_(frame_.reactor, expansion_worker_, meter_, frame_.log),
      retention_(frame_.reactor, expansion_worker_, settings_.keep, meter_, frame_.log) {
  meter_.dead_letters().watch(frame_.reactor, expansion_worker_, kLookAtDeadLettersEvery);
}

int Notification::run() {
  frame_.log.info("started", {{"listen", intake_.endpoint()}, {"http", settings_.http}});
  return frame_.run(
      settings_.http,
      {.beat = [this] { look_around(); },
       .begin_to_stop = [this] { begin_to_stop(); },
       .at_rest = [this] { return group_commit_.idle() && expander_.idle() && dispatcher_.idle(); }});
}

void Notification::look_around() {
  flow_.show(intake_.flow());
  if (gateways_.gateways() > 0) {
    gateway_health_.good();
  } else {
    gateway_health_.bad("no gateway is connected: " + gateways_report_.trouble());
  }
}

/// What is at hand is still committed, answered and settled.
void Notification::begin_to_stop() {
  group_commit_.drain();
  expander_.drain();
  dispatcher_.drain();
}

void Notification::intake_opened(bool open) {
  if (open) {
    intake_health_.good();
  } else {
    intake_health_.bad("closed: the database is away or gets nothing done, or the service is stopping");
  }
}

pg::Settings Notification::database(bool keeps_plans) const {
  return {.conninfo = settings_.database.conninfo,
          .password = settings_.database.password.duplicate(),
          .keeps_plans = keeps_plans};
}

database::Report Notification::report(const char* part, const char* connection) {
  return {frame_.log, frame_.registry, frame_.health.part(part), frame_.clock, {"notification", connection}};
}

}  // namespace

int serve(Settings settings) {
  return Notification(std::move(settings)).run();
}

}  // namespace rostrum::notification
