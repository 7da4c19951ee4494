// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/adapters/history_rows.hpp"

#include <pqxx/pqxx>

#include "common/pg/array.hpp"
#include "services/presence/adapters/moments.hpp"
#include "services/presence/adapters/words.hpp"

namespace rostrum::presence {

namespace {

constexpr const char* kTransitions =
    "INSERT INTO presence.transition (domain, epoch, change, at, jid, resource, show, priority, status, "
    "ending,"
    "  uncertain) "
    "SELECT $1, $2::bigint, change, to_timestamp(at_ms / 1000::float8), jid, resource, show, priority, "
    "status,"
    "  ending, uncertain "
    "FROM unnest($3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::presence.show[], $8::smallint[],"
    "  $9::text[], $10::presence.ending[], $11::boolean[])"
    "  AS one (change, at_ms, jid, resource, show, priority, status, ending, uncertain)";

constexpr const char* kSessions =
    "INSERT INTO presence.session (domain, change, jid, resource, began_at, ended_at, ending, uncertain) "
    "SELECT $1, change, jid, resource, to_timestamp(began_ms / 1000::float8),"
    "  to_timestamp(ended_ms / 1000::float8), ending, uncertain "
    "FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::presence.ending[],"
    "  $8::boolean[]) AS one (change, jid, resource, began_ms, ended_ms, ending, uncertain)";

constexpr const char* kSeen =
    "INSERT INTO presence.seen AS s (jid, at, uncertain) "
    "SELECT jid, to_timestamp(at_ms / 1000::float8), uncertain "
    "FROM unnest($1::text[], $2::bigint[], $3::boolean[]) AS one (jid, at_ms, uncertain) "
    "ON CONFLICT (jid) DO UPDATE SET at = EXCLUDED.at, uncertain = EXCLUDED.uncertain "
    "WHERE s.at <= EXCLUDED.at";

}  // namespace

void write_transitions(pqxx::transaction_base& tx, const std::string& domain, std::int64_t epoch,
                       const std::vector<Transition>& transitions) {
  if (transitions.empty()) return;
  pg::Array changes, at, jids, resources, shows, priorities, statuses, endings, uncertain;
  for (const auto& one : transitions) {
    changes.add(one.change);
    at.add(to_ms(one.at));
    jids.add(one.who.jid.text());
    resources.add(one.who.resource.text());
    uncertain.add(one.uncertain);
    if (const auto* appearance = std::get_if<Appearance>(&one.to)) {
      shows.add(word(appearance->show));
      priorities.add(std::int64_t{appearance->priority});
      statuses.add(appearance->status.text());
      endings.add_null();
    } else {
      shows.add_null();
      priorities.add_null();
      statuses.add("");
      endings.add(word(std::get<Ending>(one.to)));
    }
  }
  tx.exec_params(kTransitions, domain, epoch, changes.text(), at.text(), jids.text(), resources.text(),
                 shows.text(), priorities.text(), statuses.text(), endings.text(), uncertain.text());
}

void write_sessions(pqxx::transaction_base& tx, const std::string& domain,
                    const std::vector<Session>& sessions) {
  if (sessions.empty()) return;
  pg::Array changes, jids, resources, began, ended, endings, uncertain;
  for (const auto& one : sessions) {
    changes.add(one.change);
    jids.add(one.who.jid.text());
    resources.add(one.who.resource.text());
    began.add(to_ms(one.began_at));
    ended.add(to_ms(one.ended_at));
    endings.add(word(one.ending));
    uncertain.add(one.uncertain);
  }
  tx.exec_params(kSessions, domain, changes.text(), jids.text(), resources.text(), began.text(), ended.text(),
                 endings.text(), uncertain.text());
}

void write_seen(pqxx::transaction_base& tx, const std::vector<Seen>& seen) {
  if (seen.empty()) return;
  pg::Array jids, at, uncertain;
  for (const auto& one : seen) {
    jids.add(one.jid.text());
    at.add(to_ms(one.at));
    uncertain.add(one.uncertain);
  }
  tx.exec_params(kSeen, jids.text(), at.text(), uncertain.text());
}

}  // namespace rostrum::presence
