// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/adapters/presence.hpp"

#include <utility>

#include "common/database/report.hpp"
#include "common/service/flow_gauges.hpp"
#include "common/service/frame.hpp"
#include "services/presence/adapters/history_keeper.hpp"
#include "services/presence/adapters/intake_gate.hpp"
#include "services/presence/adapters/presence_desk.hpp"
#include "services/presence/adapters/presence_gauges.hpp"
#include "services/presence/adapters/sweeper.hpp"

namespace rostrum::presence {
namespace {

/// Everything one presence service consists of, in the order in which it comes to be; it goes the other way
/// round.
class Presence {
 public:
  explicit Presence(Settings settings);
  int run();

 private:
  void intake_opened(bool open);
  [[nodiscard]] pg::Settings database();
  [[nodiscard]] database::Report report(const char* part, const char* connection);

  Settings settings_;
  service::Frame frame_;
  Meter meter_{frame_.registry};
  database::Report intake_report_;
  database::Report upkeep_report_;
  metrics::Health::Part& intake_health_;
  bus::Authenticator authenticator_;
  bus::ObservationIntake intake_;
  service::FlowGauges flow_;
  // Two threads: neither closing 100,000 sessions nor waiting for somebody's locks holds up a renewal or what
  // is being told.
  pg::Worker intake_worker_;
  pg::Worker upkeep_worker_;
  PresenceDesk desk_;
  IntakeGate gate_;
  HistoryKeeper history_;
  Sweeper sweeper_;
  PresenceGauges gauges_;
};

Presence::Presence(Settings settings)
    : settings_(std::move(settings)),
      frame_("presence", settings_.logging),
      intake_report_(report("database", "intake")),
      upkeep_report_(report("upkeep-database", "upkeep")),
      intake_health_(frame_.health.part("intake")),
      authenticator_(frame_.reactor, frame_.authenticator(settings_.authorized_keys)),
      intake_(frame_.reactor, frame_.random, authenticator_,
              {.listen = settings_.listen,
               .own = settings_.key->duplicate(),
               .limits = settings_.limits,
               .on_connections = frame_.connections()},
              {.on_gathered = [this] { desk_.kick(); },
               .on_link = [this](const bus::LinkEvent& event) { frame_.report(event); }}),
      flow_("rostrum_presence_intake", "observations", frame_.registry),
      intake_worker_(
          frame_.reactor, "rostrum-presence intake", database(),
          intake_report_.handlers([this] { gate_.database_up(); }, [this] { gate_.database_down(); })),
      upkeep_worker_(frame_.reactor, "rostrum-presence upkeep", database(),
                     upkeep_report_.handlers([] {}, [this] { gauges_.database_down(); })),
      desk_(intake_, intake_worker_, frame_.clock,
            {.domains = settings_.domains,
             .lease_length = settings_.lease_length,
             .budget = settings_.limits.for_all()},
            meter_, frame_.log),
      gate_(intake_worker_, [this](bool open) { intake_opened(open); }),
      history_(frame_.reactor, upkeep_worker_, settings_.history_months, frame_.clock, meter_, frame_.log),
      sweeper_(frame_.reactor, upkeep_worker_, meter_, frame_.log),
      gauges_(frame_.reactor, upkeep_worker_, settings_.domains, meter_) {}

int Presence::run() {
  frame_.log.info("started", {{"listen", intake_.endpoint()}, {"http", settings_.http}});
  return frame_.run(settings_.http, {.beat = [this] { flow_.show(intake_.flow()); },
                                     // What was gathered is still stored and answered.
                                     .begin_to_stop = [this] { gate_.drain(); },
                                     .at_rest = [this] { return desk_.idle(); }});
}

void Presence::intake_opened(bool open) {
  intake_.set_open(open);
  if (open) {
    intake_health_.good();
  } else {
    intake_health_.bad("closed: the database is away or gets nothing done, or the service is stopping");
  }
}

pg::Settings Presence::database() {
  return {settings_.database.conninfo, settings_.database.password.duplicate()};
}

database::Report Presence::report(const char* part, const char* connection) {
  return {frame_.log, frame_.registry, frame_.health.part(part), frame_.clock, {"presence", connection}};
}

}  // namespace

int serve(Settings settings) {
  return Presence(std::move(settings)).run();
}

}  // namespace rostrum::presence
