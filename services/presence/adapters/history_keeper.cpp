// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/adapters/history_keeper.hpp"

#include <pqxx/pqxx>
#include <utility>

namespace rostrum::presence {

namespace {

constexpr Milliseconds kEvery = std::chrono::hours(1);
constexpr Milliseconds kAgain{10'000};

}  // namespace

struct HistoryKeeper::State : std::enable_shared_from_this<HistoryKeeper::State> {
  State(bus::Reactor& reactor, pg::Worker& w, int m, log::Log& l, std::function<void(bool)> o)
      : worker(w), months(m), log(l), on_open(std::move(o)), timer(reactor) {}

  pg::Worker& worker;
  const int months;
  log::Log& log;
  const std::function<void(bool)> on_open;
  bus::Timer timer;
  bool up = false;
  bool draining = false;

  void keep() {
    worker.submit<bool>(
        [kept_months = months](pqxx::transaction_base& tx) {
          tx.exec_params("SELECT presence.keep_history($1::integer)", kept_months);
          return true;
        },
        [weak = weak_from_this()](const Result<bool, pg::DbError>& result) {
          if (const auto self = weak.lock()) self->kept(result);
        });
  }

  void kept(const Result<bool, pg::DbError>& result) {
    if (!result)
      log.error("history_not_kept", {{"sqlstate", result.error().sqlstate}, {"text", result.error().text}});
    if (result && up && !draining) on_open(true);
    timer.start(result ? kEvery : kAgain, [this] {
      if (up) keep();  // otherwise database_up() will
    });
  }
};

HistoryKeeper::HistoryKeeper(bus::Reactor& reactor, pg::Worker& worker, int months, log::Log& log,
                             std::function<void(bool)> on_open)
    : state_(std::make_shared<State>(reactor, worker, months, log, std::move(on_open))) {
  state_->on_open(false);
}

HistoryKeeper::~HistoryKeeper() = default;

void HistoryKeeper::database_up() {
  state_->up = true;
  state_->keep();
}

void HistoryKeeper::database_down() {
  state_->up = false;
  state_->on_open(false);
}

void HistoryKeeper::drain() {
  state_->draining = true;
  state_->on_open(false);
}

}  // namespace rostrum::presence
