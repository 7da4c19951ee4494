// SPDX-License-Identifier: GPL-3.0-or-later
// rostrum-bench-write-rows CONNINFO DOMAIN: the baseline. Writes the rows that the intake writes for the same
// statements, and nothing else: no link, no checks, no look at what is there; one connection, synchronous
// commit, `unnest` in batches.
//   intake KIND RUN COUNT [BATCH]   batches of 256 or so many, one transaction each
//   lone KIND RUN COUNT             one statement a transaction
#include <span>

#include "common/pg/array.hpp"
#include "tests/bench/tools/database.hpp"
#include "tests/bench/tools/obey.hpp"
#include "tests/bench/tools/workload.hpp"

namespace {

using namespace rostrum;
using namespace rostrum::bench;
constexpr std::size_t kUsualBatch = 256;
constexpr const char* kSource = "site";
constexpr std::size_t kSealedPasswordBytes = 72;

constexpr const char* kLedger =
    "INSERT INTO registration.ledger (day, source, id, digest) "
    "SELECT current_date, * FROM unnest($1::text[], $2::uuid[], $3::bytea[]) ON CONFLICT DO NOTHING";
constexpr const char* kGroups =
    "INSERT INTO directory.site_group (source, group_id, title, revision, present) "
    "SELECT *, true FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) ON CONFLICT DO NOTHING";
constexpr const char* kMembers =
    "INSERT INTO directory.member (source, member_id, jid, display_name, revision, present) "
    "SELECT *, true FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[]) ON CONFLICT DO "
    "NOTHING";
constexpr const char* kMemberships =
    "INSERT INTO directory.member_group (source, member_id, group_id) "
    "SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING";
constexpr const char* kAccounts =
    "INSERT INTO registration.account (source, member_id, jid, claim, sealed_password, goal, state) "
    "SELECT *, 'present', 'requested' FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], "
    "$5::bytea[]) ON CONFLICT DO NOTHING";

using Batch = std::span<const Statement>;

void write_ledger(Database& database, Batch batch) {
  pg::Array sources, ids, digests;
  for (const auto& one : batch) {
    sources.add(kSource);
    ids.add(one.id.to_string());
    digests.add_bytes(std::string_view(one.id.to_bytes()));  // as long as a digest
  }
  database.run(kLedger, {sources.text(), ids.text(), digests.text()});
}

void write_groups(Database& database, Batch batch) {
  pg::Array sources, subjects, names, revisions;
  for (const auto& one : batch) {
    sources.add(kSource);
    subjects.add(one.subject);
    names.add(one.name);
    revisions.add(one.revision);
  }
  database.run(kGroups, {sources.text(), subjects.text(), names.text(), revisions.text()});
}

void write_members(Database& database, Batch batch) {
  pg::Array sources, subjects, jids, names, revisions, claims, passwords;
  pg::Array group_sources, group_members, groups;
  for (const auto& one : batch) {
    sources.add(kSource);
    subjects.add(one.subject);
    jids.add(one.jid);
    names.add(one.name);
    revisions.add(one.revision);
    claims.add(one.id.to_string());
    passwords.add_bytes(std::string_view(one.sealed_password));
    for (const auto& group : one.groups) {
      group_sources.add(kSource);
      group_members.add(one.subject);
      groups.add(group);
    }
  }
  database.run(kMembers, {sources.text(), subjects.text(), jids.text(), names.text(), revisions.text()});
  database.run(kMemberships, {group_sources.text(), group_members.text(), groups.text()});
  database.run(kAccounts, {sources.text(), subjects.text(), jids.text(), claims.text(), passwords.text()});
}

void commit(Database& database, Batch batch, Kind kind) {
  database.run("BEGIN");
  write_ledger(database, batch);
  kind == Kind::kGroup ? write_groups(database, batch) : write_members(database, batch);
  database.run("COMMIT");
}

struct Rows {
  Kind kind;
  std::vector<Statement> statements;
  Rows(const Words& words, const std::string& domain)
      : kind(kind_of(words.at(0))),
        statements(bench::statements(
            {kind, words.at(1), std::stoul(words.at(2)), domain, std::string(kSealedPasswordBytes, 's')})) {}
};

Answer intake(Database& database, const Rows& rows, std::size_t batch) {
  const Batch all(rows.statements);
  const auto began = now();
  for (std::size_t at = 0; at < all.size(); at += batch)
    commit(database, all.subspan(at, std::min(batch, all.size() - at)), rows.kind);
  const auto took = now() - began;
  return {{"seconds", took.count()}, {"per_second", static_cast<double>(all.size()) / took.count()}};
}

Answer lone(Database& database, const Rows& rows) {
  std::vector<Seconds> durations;
  for (const auto& one : rows.statements) {
    const auto began = now();
    commit(database, {&one, 1}, rows.kind);
    durations.push_back(now() - began);
  }
  return percentiles(std::move(durations));
}

}  // namespace

int main(int, char** argv) {
  Database database(argv[1]);
  const std::string domain = argv[2];
  return obey(
      {{"intake",
        [&](const Words& words) {
          return intake(database, {words, domain}, words.size() > 3 ? std::stoul(words[3]) : kUsualBatch);
        }},
       {"lone", [&](const Words& words) {
          return lone(database, {words, domain});
        }}});
}
