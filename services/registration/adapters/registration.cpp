// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/registration/adapters/registration.hpp"

#include <utility>

#include "common/database/report.hpp"
#include "common/dispatch/dispatcher.hpp"
#include "common/intake/group_commit.hpp"
#include "common/service/flow_gauges.hpp"
#include "common/service/frame.hpp"
#include "common/service/link_report.hpp"
#include "services/registration/adapters/account_gauges.hpp"
#include "services/registration/adapters/account_store.hpp"
#include "services/registration/adapters/account_sweeper.hpp"
#include "services/registration/adapters/directory_domain.hpp"

namespace rostrum::registration {
namespace {

// A server makes some 200 accounts a second: more at once would only wait in the gateway until their time is
// over.
dispatch::Settings dispatch_settings() {
  return {.service = "registration",
          .claim_batch = 128,
          .most_open = 256,
          .time_to_live = Milliseconds(5'000),
          .stanza_deadline = Milliseconds(12'000)};
}

constexpr Milliseconds kLookAtDeadLettersEvery{10'000};

/// Everything one registration consists of, in the order in which it comes to be; it goes the other way
/// round.
class Registration {
 public:
  explicit Registration(Settings settings);
  int run();

 private:
  void look_around();
  void begin_to_stop();
  void intake_opened(bool open);
  [[nodiscard]] pg::Settings database() const;
  [[nodiscard]] database::Report report(const char* part, const char* connection);

  Settings settings_;
  service::Frame frame_;
  database::Report intake_report_;
  database::Report work_report_;
  metrics::Health::Part& intake_health_;
  metrics::Health::Part& gateway_health_;
  bus::Authenticator authenticator_;
  bus::EventIntake intake_;
  service::LinkReport gateways_report_;
  service::FlowGauges flow_;
  bus::CommandClient gateways_;
  DirectoryDomain domain_;
  dispatch::DeadLetters dead_letters_{"registration", frame_.registry};
  AccountStore accounts_{dead_letters_};
  pg::Worker intake_worker_;
  pg::Worker work_worker_;
  intake::GroupCommit group_commit_;
  dispatch::Dispatcher<AccountWork> dispatcher_;
  AccountSweeper sweeper_;
  AccountGauges gauges_;
};

Registration::Registration(Settings settings)
    : settings_(std::move(settings)),
      frame_("registration", settings_.logging),
      intake_report_(report("database", "intake")),
      work_report_(report("work-database", "work")),
      intake_health_(frame_.health.part("intake")),
      gateway_health_(frame_.health.part("gateway")),
      authenticator_(frame_.reactor, frame_.authenticator(settings_.authorized_keys)),
      intake_(frame_.reactor, frame_.random, authenticator_,
              {.listen = settings_.listen,
               .own = settings_.key->duplicate(),
               .limits = settings_.limits,
               .on_connections = frame_.connections()},
              {"member_upserted", "member_removed", "password_changed", "group_upserted", "group_removed",
               "account_appeared", "account_vanished"},
              {.on_gathered = [this] { group_commit_.kick(); },
               .on_link = [this](const bus::LinkEvent& event) { frame_.report(event); },
               .on_rejected = [this](std::string_view type,
                                     int code) { group_commit_.rejected_by_envelope(type, code); }}),
      gateways_report_(frame_.log, frame_.registry, frame_.clock, "registration", "gateway"),
      flow_("rostrum_registration_intake", "events", frame_.registry),
      gateways_(frame_.reactor, frame_.random,
                {.endpoints = settings_.gateways,
                 .own = settings_.key->duplicate(),
                 .server = *settings_.gateway_key},
                dispatch_settings().stanza_deadline,
                {.on_link = [this](const bus::LinkEvent& event) { gateways_report_.hear(event); },
                 .on_credit = [this] { dispatcher_.credit_came(); }}),
      domain_(settings_.jids, settings_.sealing_key->duplicate(), frame_.registry, frame_.log,
              [this] { dispatcher_.kick(); }),
      intake_worker_(frame_.reactor, "rostrum-registration intake", database(),
                     intake_report_.handlers([this] { group_commit_.database_up(); },
                                             [this] { group_commit_.database_down(); })),
      work_worker_(frame_.reactor, "rostrum-registration work", database(),
                   work_report_.handlers([this] { dispatcher_.kick(); }, [] {})),
      group_commit_(frame_.reactor, intake_, intake_worker_, domain_,
                    {.schema = "registration",
                     .budget = settings_.limits.for_all(),
                     .in_turns = true,
                     .on_open = [this](bool open) { intake_opened(open); }},
                    frame_.random, frame_.registry, frame_.log),
      dispatcher_(
          frame_.reactor, work_worker_, gateways_, accounts_,
          [this](AccountWork& work, v1::Command& command) {
            return make_command(work, *settings_.sealing_key, command);
          },
          dispatch_settings(), frame_.random, frame_.registry, frame_.log),
      sweeper_(frame_.reactor, work_worker_, settings_.give_up_after, dead_letters_, frame_.log),
      gauges_(frame_.reactor, work_worker_, frame_.registry) {
  dead_letters_.watch(frame_.reactor, work_worker_, kLookAtDeadLettersEvery);
}

int Registration::run() {
  frame_.log.info("started", {{"listen", intake_.endpoint()}, {"http", settings_.http}});
  return frame_.run(settings_.http,
                    {.beat = [this] { look_around(); },
                     .begin_to_stop = [this] { begin_to_stop(); },
                     .at_rest = [this] { return group_commit_.idle() && dispatcher_.idle(); }});
}

void Registration::look_around() {
  flow_.show(intake_.flow());
  if (gateways_.gateways() > 0) {
    gateway_health_.good();
  } else {
    gateway_health_.bad("no gateway is connected: " + gateways_report_.trouble());
  }
}

/// What is at hand is still committed, answered and settled.
void Registration::begin_to_stop() {
  group_commit_.drain();
  dispatcher_.drain();
}

void Registration::intake_opened(bool open) {
  if (open) {
    intake_health_.good();
  } else {
    intake_health_.bad("closed: the database is away or gets nothing done, or the service is stopping");
  }
}

pg::Settings Registration::database() const {
  return {.conninfo = settings_.database.conninfo,
          .password = settings_.database.password.duplicate(),
          .keeps_plans = true};
}

database::Report Registration::report(const char* part, const char* connection) {
  return {frame_.log, frame_.registry, frame_.health.part(part), frame_.clock, {"registration", connection}};
}

}  // namespace

int serve(Settings settings) {
  return Registration(std::move(settings)).run();
}

}  // namespace rostrum::registration
