// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/adapters/history_keeper.hpp"

#include <pqxx/pqxx>

namespace rostrum::presence {

namespace {

constexpr Milliseconds kEvery = std::chrono::hours(1);
constexpr Milliseconds kAgain = std::chrono::minutes(2);

}  // namespace

struct HistoryKeeper::State : std::enable_shared_from_this<HistoryKeeper::State> {
  State(bus::Reactor& reactor, pg::Worker& w, int m, const Clock& c, Meter& mt, log::Log& l)
      : worker(w), months(m), clock(c), meter(mt), log(l), timer(reactor) {}

  pg::Worker& worker;
  const int months;
  const Clock& clock;
  Meter& meter;
  log::Log& log;
  bus::Timer timer;

  void keep() {
    worker.submit<bool>(
        [kept_months = months](pqxx::transaction_base& tx) {
          return tx.exec_params1("SELECT presence.keep_history($1::integer)", kept_months)[0].as<bool>();
        },
        [weak = weak_from_this()](const Result<bool, pg::DbError>& result) {
          if (const auto self = weak.lock()) self->ended(result);
        });
  }

  void ended(const Result<bool, pg::DbError>& result) {
    const bool kept = result && result.value();
    if (kept) {
      meter.history_kept(clock.wall());
    } else if (result) {
      log.warning("history_not_kept", {{"text", "another session holds locks on the history"}});
    } else {
      log.error("history_not_kept", {{"sqlstate", result.error().sqlstate}, {"text", result.error().text}});
    }
    timer.start(kept ? kEvery : kAgain, [this] { keep(); });
  }
};

HistoryKeeper::HistoryKeeper(bus::Reactor& reactor, pg::Worker& worker, int months, const Clock& clock,
                             Meter& meter, log::Log& log)
    : state_(std::make_shared<State>(reactor, worker, months, clock, meter, log)) {
  state_->keep();
}

HistoryKeeper::~HistoryKeeper() = default;

}  // namespace rostrum::presence
