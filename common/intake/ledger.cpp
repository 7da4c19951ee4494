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

namespace rostrum::intake {
namespace {

std::string day_of(const EventId& id) {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(id.time()));
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(day.year()),
                      static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return text.data();
}

/// The key columns of rows, each one parameter.
struct Columns {
  pg::Array days, sources, ids, digests;

  void add(const Identity& event) {
    days.add(std::string_view(day_of(event.id)));
    sources.add(std::string_view(event.source));
    ids.add(std::string_view(event.id.to_string()));
    digests.add_bytes(std::string_view(event.digest));
  }
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

Ledger::Ledger(const std::string& schema) {
  // The one place where a name enters a statement: it is a literal of ours, never input.
  ROSTRUM_INVARIANT(!schema.empty() &&
                    std::all_of(schema.begin(), schema.end(), [](char c) { return c >= 'a' && c <= 'z'; }));
  const std::string table = schema + ".ledger";
  insert_ = "INSERT INTO " + table +
            " (day, source, id, digest) SELECT * FROM unnest($1::date[], $2::text[], $3::uuid[], "
            "$4::bytea[]) ON CONFLICT DO NOTHING RETURNING source, id";
  select_ =
      "SELECT l.source, l.id, l.digest FROM unnest($1::date[], $2::text[], $3::uuid[]) AS asked (day, "
      "source, id) JOIN " +
      table + " l ON l.day = asked.day AND l.source = asked.source AND l.id = asked.id";
  delete_ = "DELETE FROM " + table +
            " l USING unnest($1::date[], $2::text[], $3::uuid[]) AS asked (day, source, id) WHERE l.day = "
            "asked.day AND l.source = asked.source AND l.id = asked.id";
  keep_ = "SELECT " + schema + ".keep_ledger($1)";
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
  std::set<Key> entered;
  for (const auto& row :
       tx.exec_params(insert_, rows.days.text(), rows.sources.text(), rows.ids.text(), rows.digests.text())) {
    entered.emplace(row[0].as<std::string>(), row[1].as<std::string>());
  }

  Columns known;
  for (const auto& event : events) {
    if (!entered.contains(key_of(event))) known.add(event);
  }
  std::map<Key, std::string> digests;
  if (entered.size() < events.size()) {
    for (const auto& row :
         tx.exec_params(select_, known.days.text(), known.sources.text(), known.ids.text())) {
      digests.emplace(Key{row[0].as<std::string>(), row[1].as<std::string>()},
                      pg::bytes_of_bytea(row[2].c_str()));
    }
  }
  std::vector<Entry> entries;
  entries.reserve(events.size());
  for (const auto& event : events) {
    const auto key = key_of(event);
    const bool is_new = entered.contains(key);
    entries.push_back(is_new                         ? Entry::kNew
                      : digests[key] == event.digest ? Entry::kDuplicate
                                                     : Entry::kReused);
  }
  return entries;
}

void Ledger::withdraw(pqxx::transaction_base& tx, std::span<const Identity> events) const {
  if (events.empty()) return;
  Columns rows;
  for (const auto& event : events) rows.add(event);
  tx.exec_params(delete_, rows.days.text(), rows.sources.text(), rows.ids.text());
}

void Ledger::keep(pqxx::transaction_base& tx, Milliseconds horizon) const {
  tx.exec_params(keep_, std::chrono::ceil<std::chrono::days>(horizon).count());
}

}  // namespace rostrum::intake
