// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/adapters/sweeper.hpp"

#include <deque>
#include <optional>
#include <utility>

#include "services/presence/adapters/lease_rows.hpp"
#include "services/presence/adapters/pg_presence_store.hpp"
#include "services/presence/core/transactions.hpp"

namespace rostrum::presence {

namespace {

constexpr Milliseconds kLookEvery{1'000};
/// Small enough that a renewal never waits long for the lease.
constexpr std::size_t kPage = 1'000;

}  // namespace

struct Sweeper::State : std::enable_shared_from_this<Sweeper::State> {
  State(bus::Reactor& reactor, pg::Worker& w, Meter& m, log::Log& l)
      : clock(reactor.clock()), worker(w), meter(m), log(l), timer(reactor) {}

  const Clock& clock;
  pg::Worker& worker;
  Meter& meter;
  log::Log& log;
  bus::Timer timer;
  std::deque<Unswept> domains;       // still to be swept; the first is at work
  std::optional<ResourceKey> after;  // within the first

  void look() {
    worker.submit<std::vector<Unswept>>(
        read_unswept, [weak = weak_from_this()](const Result<std::vector<Unswept>, pg::DbError>& unswept) {
          const auto self = weak.lock();
          if (!self) return;
          if (unswept) self->domains.assign(unswept.value().begin(), unswept.value().end());
          self->after.reset();
          self->sweep();
        });
  }

  void sweep() {
    if (domains.empty()) return timer.start(kLookEvery, [this] { look(); });
    worker.submit<Swept>(
        [&mono = clock, one = domains.front(), from = after](pqxx::transaction_base& tx) {
          PgPresenceStore store(tx, mono);
          return sweep_some(store, one.domain, one.mark, from, kPage);
        },
        [weak = weak_from_this()](const Result<Swept, pg::DbError>& swept) {
          if (const auto self = weak.lock()) self->ended(swept);
        });
  }

  void ended(const Result<Swept, pg::DbError>& swept) {
    if (swept) {
      if (swept.value().closed > 0) meter.swept(swept.value().closed);
      after = swept.value().last;
    } else {
      log.error("sweep_refused", {{"sqlstate", swept.error().sqlstate}, {"text", swept.error().text}});
      after.reset();
    }
    if (!after) domains.pop_front();
    sweep();
  }
};

Sweeper::Sweeper(bus::Reactor& reactor, pg::Worker& worker, Meter& meter, log::Log& log)
    : state_(std::make_shared<State>(reactor, worker, meter, log)) {
  state_->look();
}

Sweeper::~Sweeper() = default;

}  // namespace rostrum::presence
