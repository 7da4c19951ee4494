// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/registration/adapters/directory_rows.hpp"

#include <pqxx/pqxx>
#include <type_traits>
#include <utility>

#include "common/pg/array.hpp"
#include "common/pg/statement.hpp"
#include "services/registration/adapters/account_rows.hpp"

namespace rostrum::registration {
namespace {

/// What some events are about.
struct Subjects {
  std::set<Key> members;
  std::set<Key> groups;
  std::set<std::string> jids;

  void add(const std::string& source, const Event& event) {
    std::visit(
        [&](const auto& payload) {
          using Payload = std::decay_t<decltype(payload)>;
          constexpr bool kIsAboutMember = std::is_same_v<Payload, MemberStated> ||
                                          std::is_same_v<Payload, MemberGone> ||
                                          std::is_same_v<Payload, PasswordStated>;
          constexpr bool kIsAboutGroup =
              std::is_same_v<Payload, GroupStated> || std::is_same_v<Payload, GroupGone>;
          if constexpr (kIsAboutMember) members.emplace(source, payload.id.text());
          if constexpr (kIsAboutGroup) groups.emplace(source, payload.id.text());
          if constexpr (requires { payload.jid; }) jids.insert(payload.jid.text());
        },
        event);
  }
};

/// The two key columns of rows.
struct KeyColumns {
  pg::Array sources, ids;
  explicit KeyColumns(const std::set<Key>& keys) {
    for (const auto& [source, id] : keys) {
      sources.add(source);
      ids.add(id);
    }
  }
};

void load_members(const pqxx::result& rows, Directory& directory, std::set<std::string>& jids) {
  for (const auto& row : rows) {
    Member member;
    if (!row[2].is_null()) member.jid = row[2].as<std::string>();
    member.display_name = row[3].as<std::string>();
    member.revision = row[4].as<Revision>();
    member.present = row[5].as<bool>();
    if (member.jid) jids.insert(*member.jid);
    directory.load(Key{row[0].as<std::string>(), row[1].as<std::string>()}, std::move(member));
  }
}

// By LATERAL … LIMIT: as a plain join the planner reads the whole table for a large batch, ten times slower
// at 50,000 members and worse the more there are.
void load_members_by_key(pqxx::transaction_base& tx, Subjects& subjects, Directory& directory) {
  if (subjects.members.empty()) return;
  const KeyColumns keys(subjects.members);
  load_members(pg::execute(tx, R"(
    SELECT m.* FROM unnest($1::text[], $2::text[]) AS k (source, member_id) CROSS JOIN LATERAL (
      SELECT m.source, m.member_id, m.jid, m.display_name, m.revision, m.present
        FROM directory.member m WHERE m.source = k.source AND m.member_id = k.member_id LIMIT 1) AS m)",
                           keys.sources.text(), keys.ids.text()),
               directory, subjects.jids);
}

void load_members_by_jid(pqxx::transaction_base& tx, Subjects& subjects, Directory& directory) {
  if (subjects.jids.empty()) return;
  pg::Array jids;
  for (const auto& jid : subjects.jids) jids.add(jid);
  load_members(pg::execute(tx,
                           "SELECT m.source, m.member_id, m.jid, m.display_name, m.revision, m.present "
                           "FROM directory.member m WHERE m.present AND m.jid = ANY ($1::text[])",
                           jids.text()),
               directory, subjects.jids);
}

void load_groups(pqxx::transaction_base& tx, const std::set<Key>& groups, Directory& directory) {
  if (groups.empty()) return;
  const KeyColumns keys(groups);
  const auto rows = pg::execute(tx, R"(
    SELECT g.* FROM unnest($1::text[], $2::text[]) AS k (source, group_id) CROSS JOIN LATERAL (
      SELECT g.source, g.group_id, g.title, g.revision, g.present
        FROM directory.site_group g WHERE g.source = k.source AND g.group_id = k.group_id LIMIT 1) AS g)",
                                keys.sources.text(), keys.ids.text());
  for (const auto& row : rows) {
    directory.load(Key{row[0].as<std::string>(), row[1].as<std::string>()},
                   Group{row[2].as<std::string>(), row[3].as<Revision>(), row[4].as<bool>()});
  }
}

/// Members that are (not) present. The absent go first: one of the others may take a JID that they leave.
void save_members(pqxx::transaction_base& tx, const Directory::Changed<Member>& members, bool present) {
  pg::Array sources, ids, jids, names, revisions;
  bool any = false;
  for (const auto& [key, member] : members) {
    if (member.present != present) continue;
    any = true;
    sources.add(key.first);
    ids.add(key.second);
    jids.add(member.jid);
    names.add(member.display_name);
    revisions.add(member.revision);
  }
  if (!any) return;
  pg::execute(tx, R"(
    INSERT INTO directory.member (source, member_id, jid, display_name, revision, present)
    SELECT n.*, $6::boolean FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[]) AS n
    ON CONFLICT (source, member_id) DO UPDATE
       SET jid = excluded.jid, display_name = excluded.display_name, revision = excluded.revision, present = excluded.present, changed_at = now())",
              sources.text(), ids.text(), jids.text(), names.text(), revisions.text(), present);
}

void save_memberships(pqxx::transaction_base& tx, const Directory::Changed<Member>& members) {
  std::set<Key> restated;
  pg::Array sources, ids, groups;
  for (const auto& [key, member] : members) {
    if (!member.groups) continue;
    restated.insert(key);
    for (const auto& group : *member.groups) {
      sources.add(key.first);
      ids.add(key.second);
      groups.add(group);
    }
  }
  if (restated.empty()) return;
  const KeyColumns keys(restated);
  // In two statements: what a statement deletes it still sees as a conflict. The rows are found by LATERAL
  // for the reason above; nobody else moves them, for this transaction has the lock of their source.
  pg::execute(tx, R"(
    DELETE FROM directory.member_group WHERE ctid = ANY (ARRAY(
      SELECT mg.ctid FROM unnest($1::text[], $2::text[]) AS k (source, member_id) CROSS JOIN LATERAL (
        SELECT ctid FROM directory.member_group WHERE source = k.source AND member_id = k.member_id OFFSET 0) AS mg)))",
              keys.sources.text(), keys.ids.text());
  pg::execute(
      tx,
      "INSERT INTO directory.member_group (source, member_id, group_id) SELECT * FROM unnest($1::text[], "
      "$2::text[], $3::text[])",
      sources.text(), ids.text(), groups.text());
}

void save_groups(pqxx::transaction_base& tx, const Directory::Changed<Group>& changed) {
  if (changed.empty()) return;
  pg::Array sources, ids, titles, revisions, present;
  for (const auto& [key, group] : changed) {
    sources.add(key.first);
    ids.add(key.second);
    titles.add(group.title);
    revisions.add(group.revision);
    present.add(group.present);
  }
  pg::execute(tx, R"(
    INSERT INTO directory.site_group (source, group_id, title, revision, present)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::boolean[])
    ON CONFLICT (source, group_id) DO UPDATE
       SET title = excluded.title, revision = excluded.revision, present = excluded.present, changed_at = now())",
              sources.text(), ids.text(), titles.text(), revisions.text(), present.text());
}

/// The table is for people to look at: bounded, the rest is only counted.
void save_foreign_accounts(pqxx::transaction_base& tx, const std::vector<std::string>& jids) {
  if (jids.empty()) return;
  pg::Array seen;
  for (const auto& jid : jids) seen.add(jid);
  pg::execute(tx, R"(
    INSERT INTO registration.foreign_account AS f (jid, times)
    SELECT n.jid, count(*) FROM unnest($1::text[]) AS n (jid)
     WHERE (SELECT count(*) FROM registration.foreign_account) < 10000
     GROUP BY n.jid ORDER BY n.jid
    ON CONFLICT (jid) DO UPDATE SET last_seen = now(), times = f.times + excluded.times)",
              seen.text());
}

}  // namespace

void load_directory(pqxx::transaction_base& tx, const std::vector<SourcedEvent>& events,
                    Directory& directory) {
  Subjects subjects;
  for (const auto& [source, event] : events) subjects.add(source, event);
  load_members_by_key(tx, subjects, directory);
  load_members_by_jid(tx, subjects, directory);
  load_groups(tx, subjects.groups, directory);
  for (auto& account : lock_accounts(tx, {subjects.jids.begin(), subjects.jids.end()}))
    directory.load(std::move(account));
}

void save_directory(pqxx::transaction_base& tx, const Directory& directory) {
  const auto members = directory.changed_members();
  save_members(tx, members, false);
  save_members(tx, members, true);
  save_memberships(tx, members);
  save_groups(tx, directory.changed_groups());
  save_accounts(tx, directory.changed_accounts());
  save_foreign_accounts(tx, directory.drift().foreign_accounts);
}

}  // namespace rostrum::registration
