// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/adapters/retention.hpp"

#include <pqxx/pqxx>
#include <utility>

#include "common/pg/apart.hpp"

namespace rostrum::notification {

namespace {

constexpr std::size_t kMostPerBatch = 1'000;
/// Between batches: everything else that the thread has to do goes in between.
constexpr Milliseconds kNextBatch{250};
constexpr Milliseconds kLookEvery = std::chrono::minutes(1);

// First those that were never looked through, the one that was done longest ago before the others; then, once
// a day, those with dead letters.
constexpr const char* kFindNew =
    "SELECT id FROM notification.notice WHERE state = 'done' AND looked_through_at IS NULL"
    "  AND done_at < now() - $1 * interval '1 millisecond' ORDER BY done_at LIMIT 1 FOR UPDATE SKIP LOCKED";

constexpr const char* kFindSeen =
    "SELECT id FROM notification.notice WHERE state = 'done' AND looked_through_at < now() - interval '1 day'"
    "  AND done_at < now() - $1 * interval '1 millisecond' ORDER BY looked_through_at LIMIT 1"
    "  FOR UPDATE SKIP LOCKED";

constexpr const char* kFindAgain =
    "SELECT id FROM notification.notice WHERE id = $1::uuid AND state = 'done' FOR UPDATE SKIP LOCKED";

constexpr const char* kForgetDeliveries =
    "SELECT deliveries, last FROM notification.forget_deliveries($1::uuid, $2, "
    "$3 * interval '1 millisecond', $4::integer)";

constexpr const char* kForgetNotice =
    "SELECT notification.forget_notice($1::uuid, $2 * interval '1 millisecond')";

std::optional<Place> lock_next(pqxx::transaction_base& tx, Milliseconds keep,
                               const std::optional<Place>& from) {
  auto found = from ? tx.exec_params(kFindAgain, from->notice) : tx.exec_params(kFindNew, keep.count());
  if (!from && found.empty()) found = tx.exec_params(kFindSeen, keep.count());
  if (found.empty()) return std::nullopt;
  return Place{found[0][0].as<std::string>(), from ? from->after : ""};
}

/// Its turn comes again in a day.
void put_behind(pqxx::transaction_base& tx, const std::string& notice) {
  tx.exec_params0("UPDATE notification.notice SET looked_through_at = now() WHERE id = $1::uuid", notice);
}

Forgotten forget_batch(pqxx::transaction_base& tx, Milliseconds keep, const Place& place, std::size_t most) {
  const auto gone = tx.exec_params1(kForgetDeliveries, place.notice, place.after, keep.count(), most);
  Forgotten forgotten{.deliveries = gone[0].as<std::size_t>()};
  if (forgotten.deliveries == most) {
    forgotten.next = Place{place.notice, gone[1].as<std::string>()};
  } else if (tx.exec_params1(kForgetNotice, place.notice, keep.count())[0].as<bool>()) {
    forgotten.notices = 1;
  } else {
    put_behind(tx, place.notice);
  }
  return forgotten;
}

}  // namespace

Forgotten forget_some(pqxx::transaction_base& tx, Milliseconds keep, const std::optional<Place>& from,
                      std::size_t most) {
  const auto place = lock_next(tx, keep, from);
  if (!place) return {.any = from.has_value()};  // somebody has it: another one, next
  Forgotten forgotten;
  const auto refused = pg::apart(tx, [&] { forgotten = forget_batch(tx, keep, *place, most); });
  if (refused) {
    forgotten = {.refused = refused};
    put_behind(tx, place->notice);
  }
  forgotten.any = true;
  return forgotten;
}

struct Retention::State : std::enable_shared_from_this<Retention::State> {
  State(bus::Reactor& reactor, pg::Worker& w, Milliseconds k, Meter& m, log::Log& l)
      : worker(w), keep(k), meter(m), log(l), timer(reactor) {}

  pg::Worker& worker;
  const Milliseconds keep;
  Meter& meter;
  log::Log& log;
  bus::Timer timer;
  std::optional<Place> place;

  void go_on() {
    worker.submit<Forgotten>(
        [kept = keep, from = place](pqxx::transaction_base& tx) {
          return forget_some(tx, kept, from, kMostPerBatch);
        },
        [weak = weak_from_this()](const Result<Forgotten, pg::DbError>& forgotten) {
          if (const auto self = weak.lock()) self->ended(forgotten);
        });
  }

  void ended(const Result<Forgotten, pg::DbError>& forgotten) {
    place.reset();
    if (forgotten) {
      meter.forgotten(forgotten.value().notices, forgotten.value().deliveries);
      place = forgotten.value().next;
    }
    const auto refused = forgotten ? forgotten.value().refused : std::optional(forgotten.error());
    if (refused) log.error("retention_refused", {{"sqlstate", refused->sqlstate}, {"text", refused->text}});
    timer.start(forgotten && forgotten.value().any ? kNextBatch : kLookEvery, [this] { go_on(); });
  }
};

Retention::Retention(bus::Reactor& reactor, pg::Worker& worker, Milliseconds keep, Meter& meter,
                     log::Log& log)
    : state_(std::make_shared<State>(reactor, worker, keep, meter, log)) {
  state_->go_on();
}

Retention::~Retention() = default;

}  // namespace rostrum::notification
