// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/dispatch/dead_letters.hpp"

#include <map>
#include <pqxx/pqxx>

namespace rostrum::dispatch {
namespace {

struct Figures {
  std::map<std::string, double> now;  // by reason
  double replayed = 0;
  double dropped = 0;
};

// Conditions are words of a server: so many and no more become time series.
constexpr const char* kNow = " AS letters GROUP BY reason ORDER BY count(*) DESC, reason LIMIT 30";

Figures read_figures(pqxx::transaction_base& tx, const std::string& schema) {
  Figures figures;
  for (const auto& row :
       tx.exec("SELECT reason, count(*) FROM " + tx.quote_name(schema) + ".dead_letters" + kNow))
    figures.now[row[0].as<std::string>()] = row[1].as<double>();
  for (const auto& row : tx.exec("SELECT what, total FROM " + tx.quote_name(schema) + ".dead_letter_total"))
    (std::string(row[0].c_str()) == "replayed" ? figures.replayed : figures.dropped) = row[1].as<double>();
  return figures;
}

/// A counter of the database's, shown as one of this process.
struct FollowedCounter {
  metrics::Counter& counter;
  double shown = 0;

  void show(double total) {
    if (total > shown) counter.add(total - shown);
    shown = total;
  }
};

}  // namespace

struct DeadLetters::Watch : std::enable_shared_from_this<Watch> {
  Watch(bus::Reactor& r, pg::Worker& w, const std::string& s, metrics::Registry& m, Milliseconds e)
      : worker(w),
        service(s),
        metrics(m),
        every(e),
        replayed{m.counter("rostrum_" + s + "_dead_letters_replayed_total",
                           "Dead letters that the operator replayed, ever; the same at every instance")},
        dropped{m.counter("rostrum_" + s + "_dead_letters_dropped_total",
                          "Dead letters that the operator dropped, ever; the same at every instance")},
        timer(r) {}

  pg::Worker& worker;
  const std::string service;
  metrics::Registry& metrics;
  const Milliseconds every;
  FollowedCounter replayed;
  FollowedCounter dropped;
  bus::Timer timer;
  std::map<std::string, double> last{{"not-storable", 0}};  // so that the name is there before there is any

  void ask() {
    worker.submit<Figures>(
        [schema = service](pqxx::transaction_base& tx) { return read_figures(tx, schema); },
        [weak = weak_from_this()](const Result<Figures, pg::DbError>& result) {
          const auto self = weak.lock();
          if (!self) return;
          if (result) self->show(result.value());
          self->timer.start(self->every, [watch = self.get()] { watch->ask(); });
        });
  }

  void show(const Figures& figures) {
    for (auto& [reason, count] : last) count = 0;
    for (const auto& [reason, count] : figures.now) last[reason] = count;
    for (const auto& [reason, count] : last) {
      metrics
          .gauge("rostrum_" + service + "_dead_letters",
                 "Work that was given up and waits for the operator, by reason; the same at every instance",
                 {{"reason", reason}})
          .set(count);
    }
    replayed.show(figures.replayed);
    dropped.show(figures.dropped);
  }
};

DeadLetters::DeadLetters(const std::string& service, metrics::Registry& metrics)
    : service_(service),
      metrics_(metrics),
      made_(metrics.counter("rostrum_" + service + "_dead_letters_made_total",
                            "Work that this process gave up")) {}

DeadLetters::~DeadLetters() = default;

void DeadLetters::watch(bus::Reactor& reactor, pg::Worker& worker, Milliseconds every) {
  watch_ = std::make_shared<Watch>(reactor, worker, service_, metrics_, every);
  watch_->ask();
}

}  // namespace rostrum::dispatch
