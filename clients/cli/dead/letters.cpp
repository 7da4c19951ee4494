// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/dead/letters.hpp"

#include <nlohmann/json.hpp>

#include "clients/cli/moment.hpp"
#include "common/base/uuid.hpp"

namespace rostrum::cli::dead {

namespace {

// Both services' dead letters that the filter lets through, as `l`. $1 … $9: the filter; empty texts let all
// through.
#define ROSTRUM_LETTERS                                                                                  \
  "WITH l AS MATERIALIZED (SELECT * FROM ("                                                              \
  "SELECT 'registration' AS service, id, action, reason, detail, source, member_id, NULL::uuid AS "      \
  "notice_id, jid, "                                                                                     \
  "NULL AS stanza_id, attempts, since, wanted_since, origin_source, origin_event, NULL::timestamptz AS " \
  "expires_at, "                                                                                         \
  "replay FROM registration.dead_letters WHERE $1 IN ('', 'registration') AND $5 = '' "                  \
  "UNION ALL "                                                                                           \
  "SELECT 'notification', id, action, reason, detail, source, member_id, notice_id, jid, "               \
  "stanza_id, attempts, since, wanted_since, origin_source, origin_event, expires_at, "                  \
  "replay FROM notification.dead_letters WHERE $1 IN ('', 'notification') "                              \
  "AND ($5 = '' OR notice_id = nullif($5, '')::uuid)) AS both_services "                                 \
  "WHERE ($2 = '' OR reason = $2) AND ($3 = '' OR action = $3) AND ($4 = '' OR member_id = $4) "         \
  "AND ($6 = '' OR source = $6) AND ($7 = '' OR since >= nullif($7, '')::timestamptz) "                  \
  "AND ($8 = '' OR since < nullif($8, '')::timestamptz) "                                                \
  "AND ($9 = '' OR id IN (SELECT json_array_elements_text(nullif($9, '')::json)))) "

constexpr const char* kList = ROSTRUM_LETTERS
    "SELECT json_build_object("
    "'counts', coalesce((SELECT json_agg(c) FROM (SELECT service, reason, count(*) AS count FROM l "
    "GROUP BY service, reason ORDER BY count(*) DESC, service, reason) AS c), '[]'), "
    "'letters', coalesce((SELECT json_agg(s) FROM (SELECT * FROM l ORDER BY since DESC, id LIMIT "
    "$10::bigint) AS "
    "s), '[]'))";

constexpr const char* kMarked = ROSTRUM_LETTERS
    "SELECT json_build_array(service, id, reason, replay) FROM l ORDER BY since, id LIMIT "
    "nullif($10::bigint, 0)";

#undef ROSTRUM_LETTERS

/// An id as the views have it; a stanza id, as the Jabber server's log has it, holds that of its delivery.
std::string bare_id(const std::string& id) {
  const auto dot = id.find('.');
  if (dot == std::string::npos || id.size() != dot + 33) return id;
  const std::string token = id.substr(dot + 1);
  return token.substr(0, 8) + '-' + token.substr(8, 4) + '-' + token.substr(12, 4) + '-' +
         token.substr(16, 4) + '-' + token.substr(20);
}

std::string ids_of(const Filter& filter) {
  if (filter.ids.empty()) return {};
  Json ids = Json::array();
  for (const auto& id : filter.ids) ids.push_back(bare_id(id));
  return ids.dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::string moment_of(const std::string& text) {
  if (text.empty()) return {};
  const auto moment = parse_moment(text, now());
  if (!moment) throw Failure{ExitCode::kUsage, check_moment(text)};
  return to_rfc3339(*moment);
}

std::vector<std::string> parameters(const Filter& filter, std::size_t limit) {
  if (!filter.notice.empty() && !Uuid::parse(filter.notice))
    throw Failure{ExitCode::kUsage, "not the id of a notice: " + filter.notice};
  return {filter.service, filter.reason,        filter.action,           filter.member,
          filter.notice,  filter.source,        moment_of(filter.since), moment_of(filter.before),
          ids_of(filter), std::to_string(limit)};
}

}  // namespace

bool is_id(const std::string& text) {
  return Uuid::parse(bare_id(text)).has_value();
}

bool Filter::is_empty() const {
  for (const auto* part : {&service, &reason, &action, &member, &notice, &source, &since, &before}) {
    if (!part->empty()) return false;
  }
  return ids.empty();
}

Json read_letters(const Views& views, const Filter& filter, std::size_t limit) {
  return views.select_one(kList, parameters(filter, limit), "");
}

std::vector<Letter> read_marked(const Views& views, const Filter& filter, std::size_t limit) {
  std::vector<Letter> letters;
  for (const auto& row : views.select(kMarked, parameters(filter, limit))) {
    letters.push_back({row.at(0).get<std::string>(), row.at(1).get<std::string>(), cell(row.at(2)),
                       row.at(3).get<std::string>()});
  }
  return letters;
}

std::string explain_absence(const Views& views, const std::string& id) {
  constexpr const char* kDropped =
      "SELECT row_to_json(d) FROM (SELECT was, dropped_at, dropped_by FROM registration.dropped WHERE id = "
      "$1 "
      "UNION ALL SELECT was, dropped_at, dropped_by FROM notification.dropped WHERE id = $1) AS d";
  const std::string none = "no dead letter " + id;
  const Json dropped = views.select(kDropped, {bare_id(id)});
  if (dropped.empty()) return none + "; `rostrum dead list` shows them";
  const Json& one = dropped.front();
  return none + " any more: dropped by " + cell(one.at("dropped_by")) + " at " + cell(one.at("dropped_at")) +
         "; it was " + cell(one.at("was"));
}

bool can_be_replayed(const std::string& replay, bool extended) {
  if (replay == "past-expiry") return extended;
  return replay != "no-password" && replay != "unknown-member" && replay != "nothing";
}

std::string explain_refusal(const std::string& word) {
  if (word == "past-expiry") return "past the notice's expiry; --extend DURATION sends it all the same";
  if (word == "no-password")
    return "there is no password to do it with; the site has to state the member again";
  if (word == "unknown-member") return "nobody knows the member; the site has to state it first";
  if (word == "gone") return "somebody else replayed or dropped it meanwhile";
  return "there is nothing left to do";
}

}  // namespace rostrum::cli::dead
