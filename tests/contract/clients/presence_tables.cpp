// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/clients/presence_tables.hpp"

#include <pqxx/pqxx>

namespace rostrum::test {

namespace {

// The next number, under the lease's lock as the service takes it.
constexpr const char* kNext =
    "WITH l AS (UPDATE presence.lease SET last_change = last_change + 1 WHERE domain = 'site.test' RETURNING "
    "*) ";

std::string text_of(bool value) {
  return value ? "true" : "false";
}

}  // namespace

void PresenceTables::add_member(const std::string& name, const std::string& group) const {
  const auto connection = database_.connect("postgres");
  pqxx::work tx(*connection);
  tx.exec_params0(
      "INSERT INTO directory.member (source, member_id, jid, display_name, revision, present) "
      "VALUES ('site', $1, $1 || '@site.test', $1, 1, true)",
      name);
  if (!group.empty()) {
    tx.exec_params0(
        "INSERT INTO directory.site_group (source, group_id, title, revision, present) VALUES ('site', $1, "
        "$1, 1, "
        "true) ON CONFLICT DO NOTHING",
        group);
    tx.exec_params0("INSERT INTO directory.member_group VALUES ('site', $1, $2)", group, name);
  }
  tx.commit();
}

void PresenceTables::see_all(const std::string& since, const std::string& gateway) const {
  database_.run(
      "UPDATE presence.coverage c SET ended_at = greatest(l.heard_at, c.began_at), reason = 'gateway-lost' "
      "FROM "
      "presence.lease l WHERE c.ended_at IS NULL;"
      "INSERT INTO presence.lease (domain, owner, token, epoch, valid_until, heard_at, snapshot, "
      "whole_since) VALUES "
      "('site.test', '" +
      gateway + "', gen_random_uuid(), 1, now() + interval '1 hour', now(), 1, " + since +
      ") ON CONFLICT (domain) DO UPDATE SET owner = excluded.owner, token = excluded.token, epoch = "
      "lease.epoch + 1, "
      "valid_until = excluded.valid_until, heard_at = excluded.heard_at, snapshot = 1, whole_since = "
      "excluded.whole_since, covered_until = (SELECT max(ended_at) FROM presence.coverage);"
      "UPDATE presence.resource r SET epoch = l.epoch, snapshot = 1, uncertain = true FROM presence.lease l;"
      "INSERT INTO presence.coverage (domain, epoch, snapshot, began_at) SELECT domain, epoch, snapshot, "
      "whole_since "
      "FROM presence.lease");
}

void PresenceTables::lose_sight(const std::string& at, const std::string& reason) const {
  database_.run("UPDATE presence.lease SET snapshot = 0, whole_since = NULL, covered_until = " + at +
                ";UPDATE presence.coverage SET ended_at = " + at + ", reason = '" + reason +
                "' WHERE ended_at IS NULL");
}

void PresenceTables::fall_silent(const std::string& since) const {
  database_.run("UPDATE presence.lease SET heard_at = " + since + ", valid_until = " + since);
}

void PresenceTables::is(const Device& device) const {
  const auto connection = database_.connect("postgres");
  pqxx::work tx(*connection);
  const std::string moment = device.since;
  tx.exec_params0(
      std::string(kNext) +
          ", t AS (INSERT INTO presence.transition (domain, change, at, jid, resource, show, priority, "
          "status, "
          "uncertain, epoch) SELECT domain, last_change, " +
          moment +
          ", $1 || '@site.test', $2, $3::presence.show, "
          "$4::smallint, $5, " +
          text_of(device.uncertain) +
          ", epoch FROM l) "
          "INSERT INTO presence.resource (jid, resource, domain, show, priority, status, since, "
          "session_began_at, "
          "uncertain, epoch, snapshot) SELECT $1 || '@site.test', $2, domain, $3::presence.show, "
          "$4::smallint, $5, " +
          moment + ", " + moment + ", " + text_of(device.uncertain) +
          ", epoch, snapshot FROM l "
          "ON CONFLICT (jid, resource) DO UPDATE SET show = excluded.show, priority = excluded.priority, "
          "status = "
          "excluded.status, since = excluded.since, epoch = excluded.epoch, snapshot = excluded.snapshot",
      device.member, device.resource, device.show, device.priority, device.status);
  tx.commit();
}

void PresenceTables::goes(const std::string& member, const std::string& resource, const std::string& ending,
                          const std::string& at, bool uncertain) const {
  const auto connection = database_.connect("postgres");
  pqxx::work tx(*connection);
  tx.exec_params0(std::string(kNext) +
                      ", r AS (DELETE FROM presence.resource WHERE jid = $1 || '@site.test' AND resource = "
                      "$2 RETURNING *)"
                      ", t AS (INSERT INTO presence.transition (domain, change, at, jid, resource, status, "
                      "ending, uncertain, epoch)"
                      " SELECT l.domain, l.last_change, " +
                      at + ", r.jid, r.resource, '', $3::presence.ending, " + text_of(uncertain) +
                      ", l.epoch FROM l, r)"
                      ", s AS (INSERT INTO presence.session (domain, change, jid, resource, began_at, "
                      "ended_at, ending, uncertain)"
                      " SELECT l.domain, l.last_change, r.jid, r.resource, r.session_began_at, " +
                      at + ", $3::presence.ending, r.uncertain OR " + text_of(uncertain) +
                      " FROM l, r) "
                      "INSERT INTO presence.seen SELECT r.jid, " +
                      at + ", " + text_of(uncertain) +
                      " FROM r "
                      "ON CONFLICT (jid) DO UPDATE SET at = excluded.at, uncertain = excluded.uncertain",
                  member, resource, ending);
  tx.commit();
}

}  // namespace rostrum::test
