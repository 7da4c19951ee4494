// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/adapters/expander.hpp"

#include "common/base/crash_point.hpp"
#include "common/pg/apart.hpp"
#include "services/notification/adapters/notice_rows.hpp"
#include "services/notification/core/expansion.hpp"

namespace rostrum::notification {

namespace {

/// Deliveries made by one transaction: large enough for 50,000 a second, small enough that a notice to one
/// never waits long.
constexpr std::size_t kRowsPerTransaction = 2'000;
/// Backstop: notices of an instance that died, and expansions that the database refused.
constexpr Milliseconds kLookEvery{1'000};

/// Makes the next page of a notice; how many deliveries.
std::size_t expand_page(pqxx::transaction_base& tx, const Expanding& notice, std::size_t limit,
                        Meter& meter) {
  const auto page = next_page(notice, limit);
  const auto made = make_deliveries(tx, notice, page);
  record_expanded(tx, notice, after_page(notice, page, made.members, made.last));
  for (std::size_t i = 0; i < made.failed; ++i) meter.reached(State::kFailed, Milliseconds(0));
  return made.members;
}

}  // namespace

std::size_t expand_some(pqxx::transaction_base& tx, Meter& meter) {
  const auto notices = by_turns(lock_expanding(tx));
  const auto limit = page_rows(kRowsPerTransaction, notices.size());
  std::size_t rows = 0;
  for (const auto& notice : notices) {
    if (rows >= kRowsPerTransaction) break;
    rows += expand_page(tx, notice, limit, meter);
  }
  meter.expanded(rows);
  if (rows > 0) crash_point("expansion.inserted");
  return notices.size();
}

std::size_t expand_apart(pqxx::transaction_base& tx, Meter& meter, log::Log& log) {
  const auto notices = by_turns(lock_expanding(tx));
  const auto limit = page_rows(kRowsPerTransaction, notices.size());
  std::size_t rows = 0;
  std::size_t went_on = 0;
  for (const auto& notice : notices) {
    const auto refused = pg::apart(tx, [&] { rows += expand_page(tx, notice, limit, meter); });
    const bool stands_still = refused && pg::apart(tx, [&] { bury_notice(tx, notice, *refused); });
    if (!stands_still) ++went_on;
    if (!refused) continue;
    log.error(stands_still ? "notice_stands_still" : "notice_given_up",
              {{"notice", notice.id.to_string()},
               {"sqlstate", refused->sqlstate},
               {"constraint", refused->constraint}});
    if (!stands_still) meter.given_up();
  }
  meter.expanded(rows);
  return went_on;
}

Expander::Expander(bus::Reactor& reactor, pg::Worker& worker, Meter& meter, log::Log& log,
                   std::function<void()> on_expanded)
    : worker_(worker), meter_(meter), log_(log), on_expanded_(std::move(on_expanded)), timer_(reactor) {
  tick();
}

void Expander::tick() {
  kick();
  timer_.start(kLookEvery, [this] { tick(); });
}

void Expander::kick() {
  kicked_ = true;
  if (at_work_ || draining_) return;
  kicked_ = false;
  at_work_ = true;
  worker_.submit<std::size_t>(
      [&meter = meter_, &log = log_, apart = refused_](pqxx::transaction_base& tx) {
        return apart ? expand_apart(tx, meter, log) : expand_some(tx, meter);
      },
      [this](const Result<std::size_t, pg::DbError>& notices) { ended(notices); });
}

void Expander::ended(const Result<std::size_t, pg::DbError>& notices) {
  at_work_ = false;
  if (!notices) {
    log_.error("expansion_refused", {{"sqlstate", notices.error().sqlstate}, {"text", notices.error().text}});
    if (!std::exchange(refused_, true)) kick();  // notice by notice; else the timer tries again
    return;
  }
  refused_ = false;
  if (notices.value() > 0) {
    crash_point("expansion.committed");
    on_expanded_();
    kicked_ = true;  // there may be another page
  }
  if (kicked_) kick();
}

}  // namespace rostrum::notification
