// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/adapters/expander.hpp"

#include "common/base/crash_point.hpp"
#include "common/pg/apart.hpp"
#include "common/pg/split_plan.hpp"
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

/// The deliveries of a notice's next page, in parts; of a member whose own is refused a dead letter.
class PageApart {
 public:
  PageApart(pqxx::transaction_base& tx, const Expanding& notice, Meter& meter, log::Log& log)
      : tx_(tx), notice_(notice), meter_(meter), log_(log) {}

  struct Made {
    std::size_t members = 0;             ///< that the cursor went beyond
    std::optional<pg::DbError> stopped;  ///< by what got no time, at the next one
  };
  Made make(std::size_t limit) {
    const auto page = next_page(notice_, limit);
    const auto members = members_of(tx_, notice_, page);
    pg::SplitPlan plan(members.size());
    Made made;
    while (const auto part = plan.next()) {
      const auto refused = pg::apart_if_at_all(tx_, [&] { make_part(members, *part); });
      if (refused && plan.split(pg::ways_to_split(refused->fault))) continue;
      if (refused && refused->fault == pg::Fault::kLoad) {
        made.stopped = refused;
        break;
      }
      if (refused) bury(members[part->begin], *refused);
      made.members = part->end;
      plan.done();
    }
    const auto last = made.members == 0 ? notice_.cursor : members[made.members - 1];
    record_expanded(tx_, notice_,
                    made.stopped ? Expanded{last, false} : after_page(notice_, page, made.members, last));
    return made;
  }

 private:
  void make_part(const std::vector<std::string>& members, pg::SplitPlan::Part part) {
    const auto at = [&](std::size_t place) { return members.begin() + static_cast<std::ptrdiff_t>(place); };
    const auto failed = make_missing(tx_, notice_, {at(part.begin), at(part.end)});
    for (std::size_t i = 0; i < failed; ++i) meter_.reached(State::kFailed, Milliseconds(0));
  }

  void bury(const std::string& member, const pg::DbError& why) {
    const bool buried = !pg::apart(tx_, [&] { bury_member(tx_, notice_, member, why); });
    if (buried)
      meter_.reached(State::kFailed, Milliseconds(0));
    else
      bury_notice(tx_, notice_, why, Remainder::kIsMade);
    log_.error(
        buried ? "delivery_given_up" : "delivery_not_made",
        {{"notice", notice_.id.to_string()}, {"sqlstate", why.sqlstate}, {"constraint", why.constraint}});
    if (!buried) meter_.given_up();
  }

  pqxx::transaction_base& tx_;
  const Expanding& notice_;
  Meter& meter_;
  log::Log& log_;
};

/// What becomes of a notice that is refused as a whole, or got no time; whether it has ended by that.
bool end_notice(pqxx::transaction_base& tx, const Expanding& notice, const pg::DbError& why, log::Log& log) {
  bool ended = why.fault != pg::Fault::kLoad;
  const auto refused = pg::apart(tx, [&] {
    if (ended)
      bury_notice(tx, notice, why, Remainder::kIsNot);
    else
      ended = bury_if_expired(tx, notice, why);
  });
  ended = ended && !refused;
  log.error(ended ? "notice_given_up" : "notice_stands_still",
            {{"notice", notice.id.to_string()}, {"sqlstate", why.sqlstate}, {"constraint", why.constraint}});
  return ended;
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
    PageApart::Made made;
    const auto refused =
        pg::apart_if_at_all(tx, [&] { made = PageApart(tx, notice, meter, log).make(limit); });
    if (!refused) rows += made.members;
    const auto why = refused ? refused : made.stopped;
    const bool ended = why && end_notice(tx, notice, *why, log);
    if (ended) meter.given_up();
    if (ended || !why || (!refused && made.members > 0)) ++went_on;
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
