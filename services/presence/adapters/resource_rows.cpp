// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/adapters/resource_rows.hpp"

#include <pqxx/pqxx>

#include "common/base/result.hpp"
#include "common/pg/array.hpp"
#include "services/presence/adapters/moments.hpp"
#include "services/presence/adapters/words.hpp"

namespace rostrum::presence {

namespace {

// The columns that read_online() takes, of `r`.
#define ROSTRUM_ONLINE_COLUMNS                                                              \
  "r.show, r.priority, r.status, (date_part('epoch', r.since) * 1000)::bigint AS since_ms," \
  "  (date_part('epoch', r.session_began_at) * 1000)::bigint AS began_ms, r.uncertain, r.epoch, r.snapshot"

// Looked up for the few that the snapshot in force, of epoch $2, has not confirmed.
#define ROSTRUM_COVERED_UNTIL                                                             \
  "CASE WHEN (r.epoch, r.snapshot) <> ($2::bigint, $3::bigint) THEN"                      \
  "  (SELECT (date_part('epoch', c.ended_at) * 1000)::bigint FROM presence.coverage AS c" \
  "    WHERE c.domain = $1 AND (c.epoch, c.snapshot) <= (r.epoch, r.snapshot)"            \
  "    ORDER BY c.epoch DESC, c.snapshot DESC LIMIT 1) END AS covered_until_ms"

constexpr const char* kRead =
    "SELECT asked.number, " ROSTRUM_ONLINE_COLUMNS ", " ROSTRUM_COVERED_UNTIL
    ", (date_part('epoch', s.at) * 1000)::bigint AS last_end_ms "
    "FROM unnest($4::text[], $5::text[]) WITH ORDINALITY AS asked (jid, resource, number) "
    "LEFT JOIN presence.resource AS r ON r.jid = asked.jid AND r.resource = asked.resource "
    "LEFT JOIN presence.seen AS s ON s.jid = asked.jid "
    "WHERE r.jid IS NOT NULL OR s.jid IS NOT NULL";

constexpr const char* kReadUnconfirmed =
    "SELECT r.jid, r.resource, " ROSTRUM_ONLINE_COLUMNS ", " ROSTRUM_COVERED_UNTIL
    " FROM presence.resource AS r "
    "WHERE r.domain = $1 AND (r.epoch, r.snapshot) <> ($2::bigint, $3::bigint) AND (r.jid, r.resource) > "
    "($4, $5) "
    "ORDER BY r.jid, r.resource LIMIT $6";

#undef ROSTRUM_ONLINE_COLUMNS
#undef ROSTRUM_COVERED_UNTIL

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

Appearance read_appearance(const pqxx::row& row) {
  return {show_of(row["show"].c_str()), static_cast<std::int8_t>(row["priority"].as<int>()),
          trusted(Status::parse(row["status"].c_str()))};
}

Online read_online(const pqxx::row& row, const ResourceKey& who) {
  return {who,
          read_appearance(row),
          moment_of(row["since_ms"]),
          moment_of(row["began_ms"]),
          row["uncertain"].as<bool>(),
          {row["epoch"].as<std::int64_t>(), row["snapshot"].as<std::int64_t>()}};
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
    const auto& who = keys[row["number"].as<std::size_t>() - 1];
    auto& one = known.emplace_back(
        Known{who, {}, maybe_moment_of(row["covered_until_ms"]), maybe_moment_of(row["last_end_ms"])});
    if (!row["show"].is_null()) one.online = read_online(row, who);
  }
  return known;
}

std::vector<Known> read_unconfirmed(pqxx::transaction_base& tx, const std::string& domain, Mark mark,
                                    const std::optional<ResourceKey>& after, std::size_t most) {
  std::vector<Known> known;
  for (const auto& row :
       tx.exec_params(kReadUnconfirmed, domain, mark.epoch, mark.snapshot, after ? after->jid.text() : "",
                      after ? after->resource.text() : "", most)) {
    const ResourceKey who{trusted(Jid::parse(row["jid"].c_str())),
                          trusted(Resource::parse(row["resource"].c_str()))};
    known.push_back({who, read_online(row, who), maybe_moment_of(row["covered_until_ms"]), {}});
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
