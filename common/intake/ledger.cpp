// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/intake/ledger.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <numeric>
#include <pqxx/pqxx>
#include <set>
#include <tuple>

#include <sodium.h>

#include "common/base/result.hpp"
#include "common/pg/array.hpp"
#include "common/pg/statement.hpp"

namespace rostrum::intake {
namespace {

using Day = std::chrono::sys_days;

std::string text_of(Day whole_day) {
  const std::chrono::year_month_day day(whole_day);
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(day.year()),
                      static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return text.data();
}

/// The key columns of rows, each one parameter.
class Columns {
 public:
  pg::Array days, sources, ids, digests;

  void add(const Identity& event) {
    const auto day = std::chrono::floor<std::chrono::days>(event.id.time());
    if (day_ != day) text_ = text_of(*(day_ = day));
    days.add(std::string_view(text_));
    sources.add(std::string_view(event.source));
    ids.add(event.id.uuid());
    digests.add_bytes(std::string_view(event.digest));
  }

 private:
  std::optional<Day> day_;  ///< of the row before, nearly always also of the next
  std::string text_;
};

using Key = std::pair<std::string, std::string>;  // source, id as text

Key key_of(const Identity& event) {
  return {event.source, event.id.to_string()};
}

}  // namespace

std::string digest_of(std::string_view bytes) {
  std::array<unsigned char, crypto_generichash_BYTES_MIN> digest{};
  crypto_generichash(digest.data(), digest.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size(), nullptr, 0);
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Ledger::Ledger(const std::string& schema, bool in_turns) {
  // The one place where a name enters a statement: it is a literal of ours, never input.
  ROSTRUM_INVARIANT(!schema.empty() &&
                    std::all_of(schema.begin(), schema.end(), [](char c) { return c >= 'a' && c <= 'z'; }));
  const std::string table = schema + ".ledger";
  // The lock costs no statement of its own. In order, for two instances may hold several sources.
  const std::string turn =
      in_turns ? " CROSS JOIN (SELECT count(pg_advisory_xact_lock(hashtextextended('rostrum." + schema +
                     " ' || s.source, 0))) AS locks FROM (SELECT DISTINCT source FROM unnest($2::text[]) AS "
                     "all_sources (source) ORDER BY source) AS s) AS turn WHERE turn.locks > 0"
               : "";
  insert_ = "INSERT INTO " + table +
            " (day, source, id, digest) SELECT n.* FROM unnest($1::date[], $2::text[], $3::uuid[], "
            "$4::bytea[]) AS n" +
            turn + " ON CONFLICT DO NOTHING";
  // What this transaction has entered itself bears its number (under a savepoint it would bear another).
  select_ =
      "SELECT l.source, l.id, l.xmin = pg_current_xact_id()::xid, l.digest = asked.digest FROM "
      "unnest($1::date[], $2::text[], $3::uuid[], $4::bytea[]) AS asked (day, source, id, digest) JOIN " +
      table + " l ON l.day = asked.day AND l.source = asked.source AND l.id = asked.id";
  delete_ = "DELETE FROM " + table +
            " l USING unnest($1::date[], $2::text[], $3::uuid[]) AS asked (day, source, id) WHERE l.day = "
            "asked.day AND l.source = asked.source AND l.id = asked.id";
  keep_ = "SELECT " + schema + ".keep_ledger($1, $2)";
}

std::vector<Ledger::Entry> Ledger::enter(pqxx::transaction_base& tx, std::span<const Identity> events) const {
  std::vector<std::size_t> order(events.size());
  std::iota(order.begin(), order.end(), 0U);
  // An id begins with its time, so this is also the order of the days.
  std::sort(order.begin(), order.end(), [&](auto a, auto b) {
    return std::tie(events[a].id, events[a].source) < std::tie(events[b].id, events[b].source);
  });
  Columns rows;
  for (const auto index : order) rows.add(events[index]);
  const auto inserted =
      pg::execute(tx, insert_, rows.days.text(), rows.sources.text(), rows.ids.text(), rows.digests.text());
  if (inserted.affected_rows() == events.size())
    return std::vector(events.size(), Entry::kNew);  // nearly always

  std::map<Key, Entry> found;
  for (const auto& row : pg::execute(tx, select_, rows.days.text(), rows.sources.text(), rows.ids.text(),
                                     rows.digests.text())) {
    const bool own = row[2].as<bool>(), same = row[3].as<bool>();
    found.emplace(Key{row[0].as<std::string>(), row[1].as<std::string>()},
                  own ? Entry::kNew : (same ? Entry::kDuplicate : Entry::kReused));
  }
  // Each is there: entered now, or what was in its way.
  std::vector<Entry> entries;
  entries.reserve(events.size());
  for (const auto& event : events) entries.push_back(found.at(key_of(event)));
  return entries;
}

void Ledger::withdraw(pqxx::transaction_base& tx, std::span<const Identity> events) const {
  if (events.empty()) return;
  Columns rows;
  for (const auto& event : events) rows.add(event);
  pg::execute(tx, delete_, rows.days.text(), rows.sources.text(), rows.ids.text());
}

void Ledger::keep(pqxx::transaction_base& tx, Milliseconds horizon, WallTime now) const {
  pg::execute(tx, keep_, std::chrono::ceil<std::chrono::days>(horizon).count(),
              text_of(std::chrono::floor<std::chrono::days>(now)));
}

}  // namespace rostrum::intake
