// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/adapters/sweeper.hpp"

#include <algorithm>
#include <optional>
#include <pqxx/pqxx>

#include "common/pg/apart.hpp"
#include "services/notification/adapters/delivery_rows.hpp"
#include "services/notification/adapters/notice_rows.hpp"

namespace rostrum::notification {

namespace {

constexpr Milliseconds kSweepEvery{1'000};
constexpr Milliseconds kLookEvery{10'000};
constexpr std::size_t kMostPerSweep = 1'000;
/// Some sweeps late at most; after a longer pause of this service the deliveries are found when they are due.
constexpr Milliseconds kGivenUpWithin{60'000};

// The oldest per site and lane is the first of an index range.
constexpr const char* kTotals =
    "SELECT count(*) FILTER (WHERE state = 'expanding'), count(*) FILTER (WHERE state = 'sending'),"
    "  (SELECT coalesce(extract(epoch FROM now() - min(oldest.due)), 0)"
    "   FROM (SELECT DISTINCT source FROM notification.notice WHERE state <> 'done') AS s"
    "   CROSS JOIN unnest(enum_range(NULL::notification.notice_kind)) AS k (kind) CROSS JOIN LATERAL ("
    "     SELECT d.due FROM notification.delivery AS d WHERE d.source = s.source AND d.kind = k.kind"
    "       AND d.state IN ('queued', 'attempting') AND d.due <= now() ORDER BY d.due LIMIT 1) AS oldest) "
    "FROM notification.notice WHERE state <> 'done'";

/// A notice that the database refuses to end must not undo what was ended of the others' deliveries.
struct Swept {
  std::size_t ended;
  std::optional<pg::DbError> refused;  ///< of the notices
};

}  // namespace

std::size_t expire_overdue(pqxx::transaction_base& tx, std::size_t most, Meter& meter) {
  const auto now = transaction_time(tx);
  DeliveryChanges changes;
  for (const auto& row : lock_overdue(tx, most)) {
    // Whatever the member is: on_due() looks at the expiry first.
    changes.add(row, on_due(row.delivery, Recipient::kReady, now, Milliseconds(0), Milliseconds::max()));
  }
  return changes.write_apart(tx, now, meter).size();
}

std::size_t end_for_dead_accounts(pqxx::transaction_base& tx, std::size_t most, Meter& meter) {
  const auto now = transaction_time(tx);
  DeliveryChanges changes;
  for (const auto& row : lock_of_given_up(tx, kGivenUpWithin, most)) {
    changes.add(row, on_due(row.delivery, Recipient::kDead, now, Milliseconds(0), Milliseconds::max()));
  }
  return changes.write_apart(tx, now, meter).size();
}

Totals read_totals(pqxx::transaction_base& tx) {
  const auto row = tx.exec1(kTotals);
  return {row[0].as<double>(), row[1].as<double>(), row[2].as<double>()};
}

Sweeper::Sweeper(bus::Reactor& reactor, pg::Worker& worker, Meter& meter, log::Log& log)
    : worker_(worker), meter_(meter), log_(log), sweep_timer_(reactor), look_timer_(reactor) {
  sweep();
  look();
}

void Sweeper::sweep() {
  worker_.submit<Swept>(
      [&meter = meter_](pqxx::transaction_base& tx) {
        const auto ended = std::max(expire_overdue(tx, kMostPerSweep, meter),
                                    end_for_dead_accounts(tx, kMostPerSweep, meter));
        return Swept{ended, pg::apart(tx, [&tx] { finish_notices(tx); })};
      },
      [this](const Result<Swept, pg::DbError>& swept) {
        const auto refused = swept ? swept.value().refused : std::optional(swept.error());
        if (refused) log_.error("sweep_refused", {{"sqlstate", refused->sqlstate}, {"text", refused->text}});
        const bool more = swept && swept.value().ended == kMostPerSweep;
        sweep_timer_.start(more ? Milliseconds(0) : kSweepEvery, [this] { sweep(); });
      });
}

void Sweeper::look() {
  worker_.submit<Totals>([](pqxx::transaction_base& tx) { return read_totals(tx); },
                         [this](const Result<Totals, pg::DbError>& totals) {
                           if (totals) {
                             meter_.notices_expanding(totals.value().notices_expanding);
                             meter_.notices_sending(totals.value().notices_sending);
                             meter_.oldest_due(totals.value().oldest_due_seconds);
                           }
                           look_timer_.start(kLookEvery, [this] { look(); });
                         });
}

}  // namespace rostrum::notification
