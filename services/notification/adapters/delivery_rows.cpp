// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/adapters/delivery_rows.hpp"

#include <pqxx/pqxx>

#include "common/base/result.hpp"
#include "common/pg/apart.hpp"
#include "common/pg/array.hpp"
#include "services/notification/adapters/words.hpp"

namespace rostrum::notification {

namespace {

// The columns that read_row() takes, of `d` (the delivery) and `n` (its notice).
#define ROSTRUM_DELIVERY_COLUMNS                                                                   \
  "d.notice_id, d.token, d.member_id, d.source, coalesce(d.jid, '') AS jid, d.state, d.attempts, " \
  "d.attempts_before, "                                                                            \
  "(extract(epoch FROM coalesce(d.replayed_at, d.queued_at)) * 1000)::bigint AS queued_ms, "       \
  "(extract(epoch FROM d.due) * 1000)::bigint AS due_ms, "                                         \
  "(extract(epoch FROM greatest(n.expires_at, d.extended_until)) * 1000)::bigint AS expires_ms, "  \
  "(extract(epoch FROM n.published_at) * 1000)::bigint AS published_ms "

constexpr const char* kByKey =
    "SELECT " ROSTRUM_DELIVERY_COLUMNS
    "FROM notification.delivery AS d JOIN notification.notice AS n ON n.id = d.notice_id "
    "WHERE (d.notice_id, d.member_id) IN (SELECT * FROM unnest($1::uuid[], $2::text[])) "
    "ORDER BY d.notice_id, d.member_id FOR UPDATE OF d";

constexpr const char* kByStanza =
    "SELECT " ROSTRUM_DELIVERY_COLUMNS
    "FROM notification.delivery AS d JOIN notification.notice AS n ON n.id = d.notice_id "
    "WHERE (d.notice_id, d.token) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[])) "
    "ORDER BY d.notice_id, d.member_id FOR UPDATE OF d";

// A member with another delivery in flight is passed over. Looked up one by one on purpose: as NOT EXISTS the
// planner, which never sees the few rows in flight in its statistics, compares each due row with all of them.
constexpr const char* kDue =
    "SELECT " ROSTRUM_DELIVERY_COLUMNS
    "FROM unnest($1::text[]) AS s (source) CROSS JOIN LATERAL ("
    "  SELECT * FROM notification.delivery AS due_one"
    "  WHERE due_one.source = s.source AND due_one.kind = $2::notification.notice_kind"
    "    AND due_one.state IN ('queued', 'attempting') AND due_one.due <= now()"
    "    AND coalesce((SELECT other.notice_id FROM notification.delivery AS other"
    "                  WHERE other.source = due_one.source AND other.member_id = due_one.member_id"
    "                    AND other.state = 'attempting'), due_one.notice_id) = due_one.notice_id"
    "  ORDER BY due_one.due LIMIT $3 FOR UPDATE SKIP LOCKED) AS d "
    "JOIN notification.notice AS n ON n.id = d.notice_id";

constexpr const char* kOverdue =
    "SELECT " ROSTRUM_DELIVERY_COLUMNS
    "FROM notification.notice AS n CROSS JOIN LATERAL ("
    "  SELECT * FROM notification.delivery AS open_one"
    "  WHERE open_one.notice_id = n.id AND open_one.state IN ('queued', 'attempting')"
    "    AND (open_one.state = 'queued' OR open_one.due <= now())"
    "    AND (open_one.extended_until IS NULL OR open_one.extended_until <= now())"
    "  LIMIT $1 FOR UPDATE SKIP LOCKED) AS d "
    "WHERE n.state = 'sending' AND n.expires_at <= now() LIMIT $1";

// Of each: whoever became a dead letter of registration's meanwhile.
constexpr const char* kOfGivenUp =
    "SELECT " ROSTRUM_DELIVERY_COLUMNS
    "FROM directory.given_up AS g JOIN notification.notice AS n ON n.source = g.source AND n.state <> 'done' "
    "CROSS JOIN LATERAL ("
    "  SELECT * FROM notification.delivery AS open_one"
    "  WHERE open_one.notice_id = n.id AND open_one.member_id = g.member_id AND open_one.jid = g.jid"
    "    AND open_one.state = 'queued'"
    "    AND (open_one.replayed_at IS NULL OR open_one.replayed_at < g.since) FOR UPDATE SKIP LOCKED) AS d "
    "WHERE g.since > now() - $1 * interval '1 millisecond' LIMIT $2";

#undef ROSTRUM_DELIVERY_COLUMNS

// `attempts` and `due` are written also where they did not change: one statement for every change.
constexpr const char* kWrite =
    "UPDATE notification.delivery AS d SET "
    "  state = c.state::notification.delivery_state, attempts = c.attempts, due = to_timestamp(c.due_ms / "
    "1000.0),"
    "  reason = nullif(c.reason, ''), detail = nullif(c.detail, ''),"
    "  sent_at = CASE WHEN c.state IN ('sent', 'delivered') THEN coalesce(d.sent_at, now()) ELSE d.sent_at "
    "END,"
    "  delivered_at = CASE WHEN c.state = 'delivered' THEN now() ELSE d.delivered_at END,"
    "  ended_at = CASE WHEN c.state IN ('failed', 'expired', 'suppressed') THEN now() END "
    "FROM unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::bigint[], $6::text[], $7::text[])"
    "  AS c (notice_id, member_id, state, attempts, due_ms, reason, detail) "
    "WHERE d.notice_id = c.notice_id AND d.member_id = c.member_id";

Uuid uuid_of(const pqxx::field& field) {
  const auto uuid = Uuid::parse(field.c_str());
  ROSTRUM_INVARIANT(uuid);
  return *uuid;
}

WallTime time_of(const pqxx::field& field) {
  return WallTime(Milliseconds(field.as<std::int64_t>()));
}

DeliveryRow read_row(const pqxx::row& row) {
  return {
      {uuid_of(row["notice_id"]), uuid_of(row["token"])},
      row["member_id"].as<std::string>(),
      row["source"].as<std::string>(),
      row["jid"].as<std::string>(),
      {state_of(row["state"].c_str()), row["attempts"].as<unsigned>(), row["attempts_before"].as<unsigned>(),
       time_of(row["queued_ms"]), time_of(row["due_ms"]), time_of(row["expires_ms"])},
      time_of(row["published_ms"])};
}

std::vector<DeliveryRow> read_rows(const pqxx::result& result) {
  std::vector<DeliveryRow> rows;
  rows.reserve(result.size());
  for (const auto& row : result) rows.push_back(read_row(row));
  return rows;
}

}  // namespace

WallTime transaction_time(pqxx::transaction_base& tx) {
  return time_of(tx.exec1("SELECT (extract(epoch FROM now()) * 1000)::bigint")[0]);
}

std::vector<DeliveryRow> lock_by_key(pqxx::transaction_base& tx, const std::vector<DeliveryKey>& keys) {
  pg::Array notices;
  pg::Array members;
  for (const auto& [notice, member] : keys) {
    notices.add(notice.to_string());
    members.add(member);
  }
  return read_rows(tx.exec_params(kByKey, notices.text(), members.text()));
}

std::vector<DeliveryRow> lock_by_stanza(pqxx::transaction_base& tx, const std::vector<StanzaId>& stanzas) {
  pg::Array notices;
  pg::Array tokens;
  for (const auto& stanza : stanzas) {
    notices.add(stanza.notice.to_string());
    tokens.add(stanza.token.to_string());
  }
  return read_rows(tx.exec_params(kByStanza, notices.text(), tokens.text()));
}

std::vector<DeliveryRow> lock_due(pqxx::transaction_base& tx, Kind lane,
                                  const std::vector<std::string>& sources, std::size_t limit) {
  pg::Array names;
  for (const auto& source : sources) names.add(source);
  return read_rows(tx.exec_params(kDue, names.text(), word(lane), limit));
}

std::vector<DeliveryRow> lock_overdue(pqxx::transaction_base& tx, std::size_t limit) {
  return read_rows(tx.exec_params(kOverdue, limit));
}

std::vector<DeliveryRow> lock_of_given_up(pqxx::transaction_base& tx, Milliseconds within,
                                          std::size_t limit) {
  return read_rows(tx.exec_params(kOfGivenUp, within.count(), limit));
}

void DeliveryChanges::add(const DeliveryRow& row, const Change& change) {
  changes_.emplace_back(row, change);
}

void DeliveryChanges::write(pqxx::transaction_base& tx, WallTime now, Meter& meter) const {
  if (changes_.empty()) return;
  pg::Array notices, members, states, attempts, due, reasons, details;
  for (const auto& [row, change] : changes_) {
    notices.add(row.stanza.notice.to_string());
    members.add(row.member_id);
    states.add(word(change.state));
    attempts.add(static_cast<std::int64_t>(change.attempts));
    due.add(static_cast<std::int64_t>(change.due.time_since_epoch().count()));
    reasons.add(change.reason);
    details.add(change.detail);
  }
  const auto written = tx.exec_params(kWrite, notices.text(), members.text(), states.text(), attempts.text(),
                                      due.text(), reasons.text(), details.text());
  ROSTRUM_INVARIANT(static_cast<std::size_t>(written.affected_rows()) == changes_.size());
  for (const auto& [row, change] : changes_) meter.reached(change.state, now - row.published_at);
}

DeliveryChanges DeliveryChanges::write_apart(pqxx::transaction_base& tx, WallTime now, Meter& meter) const {
  if (!pg::apart(tx, [&] { write(tx, now, meter); })) return *this;
  DeliveryChanges written;
  for (const auto& [row, change] : changes_) {
    DeliveryChanges one;
    one.add(row, change);
    const auto refused = pg::apart(tx, [&] { one.write(tx, now, meter); });
    if (!refused) {
      written.add(row, change);
    } else {
      bury(tx, row, *refused, now, meter);
    }
  }
  return written;
}

bool bury(pqxx::transaction_base& tx, const DeliveryRow& row, const pg::DbError& why, WallTime now,
          Meter& meter) {
  DeliveryChanges end;
  end.add(row, on_unstorable(row.delivery, "the database refuses it: " + pg::name_of(why)));
  return !pg::apart(tx, [&] { end.write(tx, now, meter); });
}

}  // namespace rostrum::notification
