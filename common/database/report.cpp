// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/database/report.hpp"

#include <utility>

namespace rostrum::database {

Report::Report(log::Log& log, metrics::Registry& registry, metrics::Health::Part& health, const Clock& clock,
               Place place)
    : log_(log), registry_(registry), health_(health), clock_(clock), place_(std::move(place)) {
  failures("none");
}

metrics::Counter& Report::failures(const std::string& sqlstate) {
  return registry_.counter(
      "rostrum_" + place_.service + "_database_failures_total",
      "Attempts of transactions, or to connect, that failed by what is not the data's fault, by SQLSTATE",
      {{"connection", place_.connection}, {"sqlstate", sqlstate}});
}

pg::Worker::Handlers Report::handlers(std::function<void()> on_up, std::function<void()> on_down) {
  return {.on_up =
              [this, on_up = std::move(on_up)] {
                up();
                on_up();
              },
          .on_down =
              [this, on_down = std::move(on_down)](const std::string& why) {
                down(why);
                on_down();
              },
          .on_trouble = [this](const pg::Failure& failure) { trouble(failure); },
          .on_relief = [this] { relief(); }};
}

void Report::up() {
  log_.info("database_up", {{"connection", place_.connection}});
  health_.good();
}

void Report::down(const std::string& why) {
  log_.error("database_down", {{"connection", place_.connection}, {"detail", why}});
  health_.bad(why);
}

void Report::trouble(const pg::Failure& failure) {
  const auto now = clock_.mono();
  failures(failure.sqlstate.empty() ? "none" : failure.sqlstate).add();
  if (!since_) since_ = now;
  ++failed_;
  health_.bad(failure.text);
  const auto said = said_.find(failure.sqlstate);
  if (said != said_.end() && now - said->second < kSayEvery) return;
  said_[failure.sqlstate] = now;
  log_.warning("database_trouble",
               {{"connection", place_.connection},
                {"sqlstate", failure.sqlstate},
                {"text", failure.text},
                {"attempts", failed_},
                {"seconds", std::chrono::duration_cast<std::chrono::seconds>(now - *since_).count()}});
}

void Report::relief() {
  if (!since_) return;
  const auto lasted = std::chrono::duration_cast<std::chrono::seconds>(clock_.mono() - *since_);
  log_.info("database_trouble_over",
            {{"connection", place_.connection}, {"attempts", failed_}, {"seconds", lasted.count()}});
  since_.reset();
  failed_ = 0;
  health_.good();
}

}  // namespace rostrum::database
