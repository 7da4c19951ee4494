// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/adapters/lease_rows.hpp"

#include <pqxx/pqxx>

#include "common/base/result.hpp"
#include "common/pg/array.hpp"
#include "services/presence/adapters/moments.hpp"

namespace rostrum::presence {

namespace {

// The clock is read above the lock, and so once it is had: of two transactions the later one never has the
// earlier time. now() would be the time at which each began to wait.
constexpr const char* kLock =
    "WITH locked AS MATERIALIZED (SELECT * FROM presence.lease WHERE domain = $1 FOR UPDATE) "
    "SELECT floor(date_part('epoch', clock_timestamp()) * 1000)::bigint AS now_ms,"
    "  owner, token, epoch, (date_part('epoch', valid_until) * 1000)::bigint AS valid_until_ms,"
    "  (date_part('epoch', heard_at) * 1000)::bigint AS heard_at_ms, last_sequence, snapshot,"
    "  (date_part('epoch', whole_since) * 1000)::bigint AS whole_since_ms,"
    "  (date_part('epoch', covered_until) * 1000)::bigint AS covered_until_ms, swept, last_change "
    "FROM locked";

// Two first claims of a domain: the second waits here, and then finds the first one's row.
constexpr const char* kLockAbsence =
    "SELECT pg_advisory_xact_lock(hashtextextended('presence.lease ' || $1, 0))";

constexpr const char* kNow = "SELECT floor(date_part('epoch', clock_timestamp()) * 1000)::bigint";

constexpr const char* kWrite =
    "INSERT INTO presence.lease (domain, owner, token, epoch, valid_until, heard_at, last_sequence, snapshot,"
    "  whole_since, covered_until, swept, last_change) "
    "VALUES ($1, $2, $3::uuid, $4::bigint, to_timestamp($5::bigint / 1000::float8),"
    "  to_timestamp($6::bigint / 1000::float8), $7::bigint, $8::bigint,"
    "  to_timestamp($9::bigint / 1000::float8), to_timestamp($10::bigint / 1000::float8), $11::boolean,"
    "  $12::bigint) "
    "ON CONFLICT (domain) DO UPDATE SET owner = EXCLUDED.owner, token = EXCLUDED.token,"
    "  epoch = EXCLUDED.epoch, valid_until = EXCLUDED.valid_until, heard_at = EXCLUDED.heard_at,"
    "  last_sequence = EXCLUDED.last_sequence, snapshot = EXCLUDED.snapshot,"
    "  whole_since = EXCLUDED.whole_since, covered_until = EXCLUDED.covered_until, swept = EXCLUDED.swept,"
    "  last_change = EXCLUDED.last_change";

// One that goes on may have lost its beginning to the retention meanwhile.
constexpr const char* kWriteCoverage =
    "INSERT INTO presence.coverage AS c (domain, epoch, snapshot, began_at, ended_at, reason) "
    "SELECT $1, epoch, snapshot, to_timestamp(began_ms / 1000::float8), to_timestamp(ended_ms / "
    "1000::float8),"
    "  reason "
    "FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[])"
    "  AS one (epoch, snapshot, began_ms, ended_ms, reason) "
    "ON CONFLICT (domain, epoch, snapshot) DO UPDATE"
    "  SET ended_at = greatest(EXCLUDED.ended_at, c.began_at), reason = EXCLUDED.reason";

constexpr const char* kUnswept =
    "SELECT domain, epoch, snapshot FROM presence.lease WHERE whole_since IS NOT NULL AND NOT swept";

Uuid uuid_of(const pqxx::field& field) {
  const auto uuid = Uuid::parse(field.c_str());
  ROSTRUM_INVARIANT(uuid);
  return *uuid;
}

Lease read_lease(const pqxx::row& row) {
  return {.owner = row["owner"].as<std::string>(),
          .token = uuid_of(row["token"]),
          .epoch = row["epoch"].as<std::int64_t>(),
          .valid_until = moment_of(row["valid_until_ms"]),
          .heard_at = moment_of(row["heard_at_ms"]),
          .last_sequence = row["last_sequence"].as<std::int64_t>(),
          .snapshot = row["snapshot"].as<std::int64_t>(),
          .whole_since = maybe_moment_of(row["whole_since_ms"]),
          .covered_until = maybe_moment_of(row["covered_until_ms"]),
          .swept = row["swept"].as<bool>(),
          .last_change = row["last_change"].as<std::int64_t>()};
}

}  // namespace

PresenceStore::Locked lock_lease(pqxx::transaction_base& tx, const std::string& domain, const Clock& clock) {
  auto rows = tx.exec_params(kLock, domain);
  if (rows.empty()) {
    tx.exec_params(kLockAbsence, domain);
    rows = tx.exec_params(kLock, domain);
  }
  if (rows.empty()) return {std::nullopt, moment_of(tx.exec1(kNow)[0]), clock.mono()};
  return {read_lease(rows[0]), moment_of(rows[0]["now_ms"]), clock.mono()};
}

void write_lease(pqxx::transaction_base& tx, const std::string& domain, const Lease& lease) {
  tx.exec_params(kWrite, domain, lease.owner, lease.token.to_string(), lease.epoch, to_ms(lease.valid_until),
                 to_ms(lease.heard_at), lease.last_sequence, lease.snapshot, to_ms(lease.whole_since),
                 to_ms(lease.covered_until), lease.swept, lease.last_change);
}

void write_coverage(pqxx::transaction_base& tx, const std::string& domain,
                    const std::vector<Coverage>& coverage) {
  if (coverage.empty()) return;
  pg::Array epochs, snapshots, began, ended, reasons;
  for (const auto& one : coverage) {
    epochs.add(one.mark.epoch);
    snapshots.add(one.mark.snapshot);
    began.add(to_ms(one.began_at));
    one.ended_at ? ended.add(to_ms(*one.ended_at)) : ended.add_null();
    reasons.add(one.reason);
  }
  tx.exec_params(kWriteCoverage, domain, epochs.text(), snapshots.text(), began.text(), ended.text(),
                 reasons.text());
}

std::vector<Unswept> read_unswept(pqxx::transaction_base& tx) {
  std::vector<Unswept> unswept;
  for (const auto& row : tx.exec(kUnswept)) {
    unswept.push_back({row[0].as<std::string>(), {row[1].as<std::int64_t>(), row[2].as<std::int64_t>()}});
  }
  return unswept;
}

}  // namespace rostrum::presence
