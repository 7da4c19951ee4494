// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/adapters/notice_rows.hpp"

#include <pqxx/pqxx>

#include "common/base/result.hpp"
#include "common/pg/apart.hpp"
#include "services/notification/adapters/words.hpp"

namespace rostrum::notification {

namespace {

constexpr const char* kInsert =
    "INSERT INTO notification.notice (id, source, kind, audience, audience_ids, title, body, expires_at) "
    "SELECT id, source, kind::notification.notice_kind, audience::notification.audience_kind, "
    "audience_ids::text[], title, body,"
    "       to_timestamp(expires_ms / 1000.0) "
    "FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], "
    "$8::bigint[])"
    "  AS c (id, source, kind, audience, audience_ids, title, body, expires_ms) "
    "ORDER BY id ON CONFLICT (id) DO NOTHING RETURNING id";

constexpr const char* kLockExpanding =
    "SELECT n.* FROM (SELECT DISTINCT source, kind FROM notification.notice WHERE state = 'expanding') AS s "
    "CROSS JOIN LATERAL ("
    "  SELECT id, source, kind, audience, audience_ids, cursor_member_id FROM notification.notice AS one"
    "  WHERE one.source = s.source AND one.kind = s.kind AND one.state = 'expanding'"
    "  ORDER BY one.id LIMIT 16 FOR UPDATE SKIP LOCKED) AS n";

// Each of the three statements makes the deliveries of its page; members named but unknown get one that has
// failed, and so do members whose account could not be made. It returns how many members the page held, how
// many of these deliveries have failed, and the last member.
#define ROSTRUM_INSERT_DELIVERIES                                                                          \
  ", made AS (INSERT INTO notification.delivery (notice_id, source, kind, member_id, jid, state, reason, " \
  "ended_at)"                                                                                              \
  "  SELECT $1::uuid, $2, $3::notification.notice_kind, member_id, jid,"                                   \
  "         CASE WHEN account_dead IS NOT FALSE THEN 'failed' ELSE 'queued' END"                           \
  "           ::notification.delivery_state,"                                                              \
  "         CASE WHEN jid IS NULL THEN 'unknown-member' WHEN account_dead THEN 'account-dead' END,"        \
  "         CASE WHEN account_dead IS NOT FALSE THEN now() END FROM page"
#define ROSTRUM_MAKE_DELIVERIES                                                                        \
  ROSTRUM_INSERT_DELIVERIES                                                                            \
  ")"                                                                                                  \
  " SELECT count(*), count(*) FILTER (WHERE account_dead IS NOT FALSE), coalesce(max(member_id), '') " \
  "FROM page"

// The members of a page of groups; of the parameters the numbers.
#define ROSTRUM_MEMBERS_OF_GROUPS(source, after, limit, ids)                                         \
  "SELECT DISTINCT of_group.member_id FROM unnest(" ids                                              \
  "::text[]) AS g (group_id) CROSS JOIN LATERAL ("                                                   \
  "  SELECT member_id FROM directory.audience_group AS ag WHERE ag.source = " source                 \
  "    AND ag.group_id = g.group_id AND ag.member_id > " after " ORDER BY ag.member_id LIMIT " limit \
  ") AS of_group ORDER BY of_group.member_id LIMIT " limit

constexpr const char* kPageOfAll =
    "WITH page AS (SELECT member_id, jid, account_dead FROM directory.audience WHERE source = $2 AND "
    "member_id > $4 ORDER "
    "BY member_id LIMIT $5)" ROSTRUM_MAKE_DELIVERIES;

constexpr const char* kPageOfGroups =
    "WITH page AS (SELECT m.member_id, a.jid, a.account_dead FROM (" ROSTRUM_MEMBERS_OF_GROUPS(
        "$2", "$4", "$5",
        "$6") ") AS m LEFT JOIN directory.audience AS a ON a.source = $2 AND a.member_id = "
              "m.member_id)" ROSTRUM_MAKE_DELIVERIES;

#define ROSTRUM_PAGE_OF_MEMBERS                                                                           \
  "WITH page AS (SELECT m.member_id COLLATE \"C\" AS member_id, a.jid, a.account_dead FROM "              \
  "unnest($6::text[]) AS m (member_id)"                                                                   \
  "  LEFT JOIN directory.audience AS a ON a.source = $2 AND a.member_id = m.member_id WHERE m.member_id " \
  "COLLATE \"C\" > $4 LIMIT $5)"

constexpr const char* kPageOfMembers = ROSTRUM_PAGE_OF_MEMBERS ROSTRUM_MAKE_DELIVERIES;

// The same, after a page was refused or for a notice that is made once more: those that exist stay.
constexpr const char* kMissingOfMembers = ROSTRUM_PAGE_OF_MEMBERS ROSTRUM_INSERT_DELIVERIES
    " ON CONFLICT (notice_id, member_id) DO NOTHING RETURNING state)"
    " SELECT count(*) FILTER (WHERE state = 'failed') FROM made";

constexpr const char* kMembersOfAll =
    "SELECT member_id FROM directory.audience WHERE source = $1 AND member_id > $2 ORDER BY member_id LIMIT "
    "$3";

constexpr const char* kMembersOfGroups = ROSTRUM_MEMBERS_OF_GROUPS("$1", "$2", "$3", "$4");

// As little of the row as can be: the JID is looked up when it is replayed.
constexpr const char* kBuryMember =
    "INSERT INTO notification.delivery (notice_id, source, kind, member_id, state, reason, detail, ended_at) "
    "VALUES ($1::uuid, $2, $3::notification.notice_kind, $4, 'failed', 'not-storable', $5, now()) "
    "ON CONFLICT (notice_id, member_id) DO NOTHING";

#undef ROSTRUM_PAGE_OF_MEMBERS
#undef ROSTRUM_MEMBERS_OF_GROUPS
#undef ROSTRUM_INSERT_DELIVERIES
#undef ROSTRUM_MAKE_DELIVERIES

const char* statement_of(AudienceKind kind) {
  switch (kind) {
    case AudienceKind::kAll:
      return kPageOfAll;
    case AudienceKind::kGroups:
      return kPageOfGroups;
    case AudienceKind::kMembers:
      return kPageOfMembers;
  }
  fail_invariant("an audience of no kind", __FILE__, __LINE__);
}

std::string array_of(const std::vector<std::string>& texts) {
  pg::Array array;
  for (const auto& text : texts) array.add(text);
  return array.text();
}

std::vector<std::string> read_array(const pqxx::field& field) {
  std::vector<std::string> texts;
  auto parser = field.as_array();
  for (;;) {
    auto [juncture, text] = parser.get_next();
    if (juncture == pqxx::array_parser::done) return texts;
    if (juncture == pqxx::array_parser::string_value) texts.push_back(std::move(text));
  }
}

}  // namespace

void NewNotices::add(std::size_t place, const EventId& id, const std::string& source, const Notice& notice,
                     WallTime expires_at) {
  places_[id.uuid()] = place;
  ids_.add(id.to_string());
  sources_.add(source);
  kinds_.add(word(notice.kind));
  audiences_.add(word(notice.audience.kind));
  audience_ids_.add(array_of(notice.audience.ids));
  titles_.add(notice.title);
  bodies_.add(notice.body);
  expiries_.add(static_cast<std::int64_t>(expires_at.time_since_epoch().count()));
}

std::vector<std::size_t> NewNotices::write(pqxx::transaction_base& tx) const {
  if (places_.empty()) return {};
  auto refused = places_;
  const auto written = tx.exec_params(kInsert, ids_.text(), sources_.text(), kinds_.text(), audiences_.text(),
                                      audience_ids_.text(), titles_.text(), bodies_.text(), expiries_.text());
  for (const auto& row : written) {
    const auto id = Uuid::parse(row[0].c_str());
    ROSTRUM_INVARIANT(id);
    refused.erase(*id);
  }
  std::vector<std::size_t> places;
  places.reserve(refused.size());
  for (const auto& [id, place] : refused) places.push_back(place);
  return places;
}

std::vector<Expanding> lock_expanding(pqxx::transaction_base& tx) {
  std::vector<Expanding> notices;
  for (const auto& row : tx.exec(kLockExpanding)) {
    const auto id = Uuid::parse(row["id"].c_str());
    ROSTRUM_INVARIANT(id);
    notices.push_back({*id,
                       row["source"].as<std::string>(),
                       kind_of(row["kind"].c_str()),
                       {audience_kind_of(row["audience"].c_str()), read_array(row["audience_ids"])},
                       row["cursor_member_id"].as<std::string>()});
  }
  return notices;
}

MadePage make_deliveries(pqxx::transaction_base& tx, const Expanding& notice, const Page& page) {
  const auto id = notice.id.to_string();
  const auto made = page.kind == AudienceKind::kAll
                        ? tx.exec_params1(statement_of(page.kind), id, notice.source, word(notice.kind),
                                          page.after, page.limit)
                        : tx.exec_params1(statement_of(page.kind), id, notice.source, word(notice.kind),
                                          page.after, page.limit, array_of(page.ids));
  return {made[0].as<std::size_t>(), made[1].as<std::size_t>(), made[2].as<std::string>()};
}

void record_expanded(pqxx::transaction_base& tx, const Expanding& notice, const Expanded& step) {
  tx.exec_params0(
      "UPDATE notification.notice SET cursor_member_id = $2, state = CASE WHEN $3 THEN 'sending' ELSE "
      "'expanding' END::notification.notice_state "
      "WHERE id = $1::uuid",
      notice.id.to_string(), step.cursor, step.complete);
}

std::vector<std::string> members_of(pqxx::transaction_base& tx, const Expanding& notice, const Page& page) {
  if (page.kind == AudienceKind::kMembers) return page.ids;
  const auto rows =
      page.kind == AudienceKind::kAll
          ? tx.exec_params(kMembersOfAll, notice.source, page.after, page.limit)
          : tx.exec_params(kMembersOfGroups, notice.source, page.after, page.limit, array_of(page.ids));
  std::vector<std::string> members;
  members.reserve(rows.size());
  for (const auto& row : rows) members.push_back(row[0].as<std::string>());
  return members;
}

std::size_t make_missing(pqxx::transaction_base& tx, const Expanding& notice,
                         const std::vector<std::string>& members) {
  return tx
      .exec_params1(kMissingOfMembers, notice.id.to_string(), notice.source, word(notice.kind), "",
                    members.size(), array_of(members))[0]
      .as<std::size_t>();
}

void bury_member(pqxx::transaction_base& tx, const Expanding& notice, const std::string& member,
                 const pg::DbError& why) {
  tx.exec_params0(kBuryMember, notice.id.to_string(), notice.source, word(notice.kind), member,
                  "the database refuses it: " + pg::name_of(why));
}

void bury_notice(pqxx::transaction_base& tx, const Expanding& notice, const pg::DbError& why,
                 Remainder remainder) {
  const auto detail = "the database refuses its deliveries: " + pg::name_of(why);
  tx.exec_params0(
      "UPDATE notification.notice SET state = CASE WHEN $3 THEN state ELSE 'sending' END, reason = "
      "'not-storable', detail = $2, given_up_at = now() WHERE id = $1::uuid",
      notice.id.to_string(), detail, remainder == Remainder::kIsMade);
}

bool bury_if_expired(pqxx::transaction_base& tx, const Expanding& notice, const pg::DbError& why) {
  const bool expired =
      tx.exec_params1("SELECT expires_at <= now() FROM notification.notice WHERE id = $1::uuid",
                      notice.id.to_string())[0]
          .as<bool>();
  if (expired) bury_notice(tx, notice, why, Remainder::kIsNot);
  return expired;
}

std::size_t finish_notices(pqxx::transaction_base& tx) {
  const auto finished = tx.exec_params(  // can be refused apart
      "UPDATE notification.notice SET state = 'done', done_at = now() WHERE id IN ("
      "  SELECT n.id FROM notification.notice AS n WHERE n.state = 'sending' AND NOT EXISTS ("
      "    SELECT FROM notification.delivery AS d WHERE d.notice_id = n.id AND d.state IN ('queued', "
      "'attempting'))"
      "  ORDER BY n.id LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING id");
  if (finished.empty()) return 0;
  pg::Array ids;
  for (const auto& row : finished) ids.add(row[0].c_str());
  // A delivery was replayed between that statement's look and its lock: a second look, with the notices
  // locked.
  const auto reopened = tx.exec_params(
      "UPDATE notification.notice SET state = 'sending', done_at = NULL WHERE id = ANY ($1::uuid[]) AND "
      "EXISTS ("
      "  SELECT FROM notification.delivery AS d WHERE d.notice_id = id AND d.state IN ('queued', "
      "'attempting'))",
      ids.text());
  return static_cast<std::size_t>(finished.size()) - static_cast<std::size_t>(reopened.affected_rows());
}

}  // namespace rostrum::notification
