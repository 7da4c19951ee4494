// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/registration/adapters/account_gauges.hpp"

#include <map>
#include <pqxx/pqxx>
#include <string>
#include <utility>

namespace rostrum::registration {
namespace {

constexpr Milliseconds kEvery{10'000};

struct Figures {
  std::map<std::string, double> accounts;
  double oldest_due_seconds = 0;
};

Figures read_figures(pqxx::transaction_base& tx) {
  Figures figures;
  tx.exec0("SET LOCAL enable_seqscan = on");  // all are counted; see pg::Settings::keeps_plans
  for (const auto& row : tx.exec("SELECT state, count(*) FROM registration.account GROUP BY state")) {
    figures.accounts[row[0].as<std::string>()] = row[1].as<double>();
  }
  figures.oldest_due_seconds =
      tx.exec1(
            "SELECT greatest(coalesce(extract(epoch FROM now() - min(due)), 0), 0) FROM registration.account "
            "WHERE state IN ('requested', 'attempting')")[0]
          .as<double>();
  return figures;
}

}  // namespace

struct AccountGauges::State : std::enable_shared_from_this<State> {
  State(bus::Reactor& r, pg::Worker& w, metrics::Registry& m)
      : worker(w),
        metrics(m),
        lag(m.gauge("rostrum_registration_oldest_due_seconds",
                    "How long the oldest account that is due has been waiting; 0 when none is")),
        timer(r) {}

  pg::Worker& worker;
  metrics::Registry& metrics;
  metrics::Gauge& lag;
  bus::Timer timer;

  void ask() {
    worker.submit<Figures>(read_figures,
                           [weak = weak_from_this()](const Result<Figures, pg::DbError>& result) {
                             const auto self = weak.lock();
                             if (!self) return;
                             if (result) self->show(result.value());
                             self->timer.start(kEvery, [loop = self.get()] { loop->ask(); });
                           });
  }

  void show(const Figures& figures) {
    for (const auto* state : {"requested", "attempting", "active", "removed", "dead", "dropped"}) {
      const auto known = figures.accounts.find(state);
      metrics
          .gauge("rostrum_registration_accounts", "Accounts by state; dead ones are dead letters",
                 {{"state", state}})
          .set(known == figures.accounts.end() ? 0 : known->second);
    }
    lag.set(figures.oldest_due_seconds);
  }
};

AccountGauges::AccountGauges(bus::Reactor& reactor, pg::Worker& worker, metrics::Registry& metrics)
    : state_(std::make_shared<State>(reactor, worker, metrics)) {
  state_->ask();
}

AccountGauges::~AccountGauges() = default;

}  // namespace rostrum::registration
