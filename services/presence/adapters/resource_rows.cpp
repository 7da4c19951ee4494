// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/adapters/resource_rows.hpp"

#include <pqxx/pqxx>

#include "common/base/result.hpp"
#include "common/pg/array.hpp"
#include "services/presence/adapters/moments.hpp"
#include "services/presence/adapters/words.hpp"

namespace rostrum::presence {

namespace {

// The columns of `r` that read_online() takes. When it was known to be there last is looked up for those few
// that the snapshot in force, $2 and $3, has not confirmed.
#define ROSTRUM_ONLINE_COLUMNS                                                                   \
  "r.show, r.priority, r.status, (date_part('epoch', r.since) * 1000)::bigint,"                  \
  "  (date_part('epoch', r.session_began_at) * 1000)::bigint, r.uncertain, r.epoch, r.snapshot," \
  "  CASE WHEN (r.epoch, r.snapshot) <> ($2::bigint, $3::bigint) THEN"                           \
  "    (SELECT (date_part('epoch', c.ended_at) * 1000)::bigint FROM presence.coverage AS c"      \
  "      WHERE c.domain = $1 AND (c.epoch, c.snapshot) <= (r.epoch, r.snapshot)"                 \
  "      ORDER BY c.epoch DESC, c.snapshot DESC LIMIT 1) END"
enum Column {
  kShow,
  kPriority,
  kStatus,
  kSince,
  kBegan,
  kUncertain,
  kEpoch,
  kSnapshot,
  kCoveredUntil,
  kNext
};

// When the member's last session ended matters to one that is not online alone: it may not begin before.
constexpr const char* kRead =
    "SELECT " ROSTRUM_ONLINE_COLUMNS
    ", asked.number, CASE WHEN r.jid IS NULL THEN"
    "    (SELECT (date_part('epoch', s.at) * 1000)::bigint FROM presence.seen AS s WHERE s.jid = asked.jid) "
    "END "
    "FROM unnest($4::text[], $5::text[]) WITH ORDINALITY AS asked (jid, resource, number) "
    "LEFT JOIN presence.resource AS r ON r.jid = asked.jid AND r.resource = asked.resource";

constexpr const char* kReadUnconfirmed =
    "SELECT " ROSTRUM_ONLINE_COLUMNS
    ", r.jid, r.resource "
    "FROM presence.resource AS r "
    "WHERE r.domain = $1 AND (r.epoch, r.snapshot) <> ($2::bigint, $3::bigint) AND (r.jid, r.resource) > "
    "($4, $5) "
    "ORDER BY r.jid, r.resource LIMIT $6";

#undef ROSTRUM_ONLINE_COLUMNS

constexpr const char* kWrite =
    "INSERT INTO presence.resource (domain, jid, resource, show, priority, status, since, session_began_at,"
    "  uncertain, epoch, snapshot) "
    "SELECT $1, jid, resource, show, priority, status, to_timestamp(since_ms / 1000::float8),"
    "  to_timestamp(began_ms / 1000::float8), uncertain, epoch, snapshot "
    "FROM unnest($2::text[], $3::text[], $4::presence.show[], $5::smallint[], $6::text[], $7::bigint[],"
    "  $8::bigint[], $9::boolean[], $10::bigint[], $11::bigint[])"
    "  AS one (jid, resource, show, priority, status, since_ms, began_ms, uncertain, epoch, snapshot) "
    "ON CONFLICT (jid, resource) DO UPDATE SET show = EXCLUDED.show, priority = EXCLUDED.priority,"
    "  status = EXCLUDED.status, since = EXCLUDED.since, session_began_at = EXCLUDED.session_began_at,"
    "  uncertain = EXCLUDED.uncertain, epoch = EXCLUDED.epoch, snapshot = EXCLUDED.snapshot";

constexpr const char* kRemove =
    "DELETE FROM presence.resource AS r USING unnest($1::text[], $2::text[]) AS one (jid, resource) "
    "WHERE r.jid = one.jid AND r.resource = one.resource";

/// What the database holds went through these types before.
template <class Parsed>
auto trusted(Parsed parsed) {
  ROSTRUM_INVARIANT(parsed);
  return std::move(parsed).value();
}

// By number: names are looked up anew in every row.
Online read_online(const pqxx::row& row, const ResourceKey& who) {
  return {who,
          {show_of(row[kShow].c_str()), static_cast<std::int8_t>(row[kPriority].as<int>()),
           trusted(Status::parse(row[kStatus].c_str()))},
          moment_of(row[kSince]),
          moment_of(row[kBegan]),
          row[kUncertain].as<bool>(),
          {row[kEpoch].as<std::int64_t>(), row[kSnapshot].as<std::int64_t>()}};
}

}  // namespace

std::vector<Known> read_known(pqxx::transaction_base& tx, const std::string& domain, Mark mark,
                              std::span<const ResourceKey> keys) {
  pg::Array jids, resources;
  for (const auto& key : keys) {
    jids.add(key.jid.text());
    resources.add(key.resource.text());
  }
  std::vector<Known> known;
  for (const auto& row :
       tx.exec_params(kRead, domain, mark.epoch, mark.snapshot, jids.text(), resources.text())) {
    const auto& who = keys[row[kNext].as<std::size_t>() - 1];
    if (!row[kShow].is_null()) {
      known.push_back({who, read_online(row, who), maybe_moment_of(row[kCoveredUntil]), {}});
    } else if (const auto last_end = maybe_moment_of(row[kNext + 1])) {
      known.push_back({who, {}, {}, last_end});
    }
  }
  return known;
}

std::vector<Known> read_unconfirmed(pqxx::transaction_base& tx, const std::string& domain, Mark mark,
                                    const std::optional<ResourceKey>& after, std::size_t most) {
  std::vector<Known> known;
  for (const auto& row :
       tx.exec_params(kReadUnconfirmed, domain, mark.epoch, mark.snapshot, after ? after->jid.text() : "",
                      after ? after->resource.text() : "", most)) {
    const ResourceKey who{trusted(Jid::parse(row[kNext].c_str())),
                          trusted(Resource::parse(row[kNext + 1].c_str()))};
    known.push_back({who, read_online(row, who), maybe_moment_of(row[kCoveredUntil]), {}});
  }
  return known;
}

void write_online(pqxx::transaction_base& tx, const std::string& domain, const std::vector<Online>& online) {
  if (online.empty()) return;
  pg::Array jids, resources, shows, priorities, statuses, since, began, uncertain, epochs, snapshots;
  for (const auto& one : online) {
    jids.add(one.who.jid.text());
    resources.add(one.who.resource.text());
    shows.add(word(one.appearance.show));
    priorities.add(std::int64_t{one.appearance.priority});
    statuses.add(one.appearance.status.text());
    since.add(to_ms(one.since));
    began.add(to_ms(one.began_at));
    uncertain.add(one.uncertain);
    epochs.add(one.mark.epoch);
    snapshots.add(one.mark.snapshot);
  }
  tx.exec_params(kWrite, domain, jids.text(), resources.text(), shows.text(), priorities.text(),
                 statuses.text(), since.text(), began.text(), uncertain.text(), epochs.text(),
                 snapshots.text());
}

void remove_gone(pqxx::transaction_base& tx, const std::vector<ResourceKey>& gone) {
  if (gone.empty()) return;
  pg::Array jids, resources;
  for (const auto& who : gone) {
    jids.add(who.jid.text());
    resources.add(who.resource.text());
  }
  tx.exec_params(kRemove, jids.text(), resources.text());
}

}  // namespace rostrum::presence
