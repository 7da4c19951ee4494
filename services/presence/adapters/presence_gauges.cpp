// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/adapters/presence_gauges.hpp"

#include <pqxx/pqxx>
#include <utility>

namespace rostrum::presence {

namespace {

constexpr Milliseconds kEvery{10'000};

struct Figures {
  double online = 0;
  double offline = 0;
  double unknown = 0;
  double resources = 0;
  std::set<std::string> known;  ///< domains
};

Figures read_figures(pqxx::transaction_base& tx) {
  Figures figures;
  // One look for both: a lease that is renewed in between would have known domains full of unknown members.
  tx.exec("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  const auto counts = tx.exec1(
      "SELECT coalesce(sum(online), 0), coalesce(sum(offline), 0), coalesce(sum(unknown), 0),"
      "  coalesce(sum(resources), 0) FROM presence.counts");
  figures.online = counts[0].as<double>();
  figures.offline = counts[1].as<double>();
  figures.unknown = counts[2].as<double>();
  figures.resources = counts[3].as<double>();
  for (const auto& row : tx.exec("SELECT domain FROM presence.domains WHERE known"))
    figures.known.insert(row[0].as<std::string>());
  return figures;
}

}  // namespace

struct PresenceGauges::State : std::enable_shared_from_this<State> {
  State(bus::Reactor& reactor, pg::Worker& w, std::set<std::string> d, Meter& m)
      : worker(w), domains(std::move(d)), meter(m), timer(reactor) {}

  pg::Worker& worker;
  const std::set<std::string> domains;
  Meter& meter;
  bus::Timer timer;
  double members = 0;  // when they could be counted last

  void ask() {
    worker.submit<Figures>(read_figures,
                           [weak = weak_from_this()](const Result<Figures, pg::DbError>& result) {
                             const auto self = weak.lock();
                             if (!self) return;
                             result ? self->show(result.value()) : self->forget();
                             self->timer.start(kEvery, [loop = self.get()] { loop->ask(); });
                           });
  }

  void show(const Figures& figures) {
    members = figures.online + figures.offline + figures.unknown;
    meter.members(figures.online, figures.offline, figures.unknown);
    meter.resources(figures.resources);
    for (const auto& domain : domains) meter.domain_known(domain, figures.known.contains(domain));
  }

  void forget() {
    Figures nothing_known;
    nothing_known.unknown = members;
    show(nothing_known);
  }
};

PresenceGauges::PresenceGauges(bus::Reactor& reactor, pg::Worker& worker, std::set<std::string> domains,
                               Meter& meter)
    : state_(std::make_shared<State>(reactor, worker, std::move(domains), meter)) {
  state_->show({});
  state_->ask();
}

PresenceGauges::~PresenceGauges() = default;

void PresenceGauges::database_down() {
  state_->forget();
}

}  // namespace rostrum::presence
