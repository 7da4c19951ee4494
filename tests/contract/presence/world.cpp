// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/presence/world.hpp"

#include "services/presence/adapters/pg_presence_store.hpp"

namespace rostrum::presence {

namespace {

std::string quoted(const std::string& text) {
  return "'" + text + "'";
}

}  // namespace

void World::SetUp() {
  if (!rostrum::test::has_database()) GTEST_SKIP() << "no PostgreSQL: run by deploy/lab/with_lab.py";
  database = std::make_unique<rostrum::test::Database>();
  connection = database->connect("rostrum_presence");
  reader_ = database->connect("rostrum_reader");
}

void World::member(const std::string& id, const std::vector<std::string>& groups) {
  database->run("INSERT INTO directory.member (source, member_id, jid, revision, present) VALUES ('site', " +
                quoted(id) + ", " + quoted(id + "@site.test") + ", 1, true)");
  for (const auto& group : groups)
    database->run("INSERT INTO directory.member_group VALUES ('site', " + quoted(group) + ", " + quoted(id) +
                  ")");
}

void World::heir(const std::string& id, const std::string& of) {
  database->run("INSERT INTO directory.member (source, member_id, jid, revision, present) VALUES ('site', " +
                quoted(id) + ", " + quoted(of + "@site.test") + ", 1, true)");
}

void World::account(const std::string& id, const std::string& jid_of, bool exists) {
  database->run(
      "INSERT INTO registration.account (jid, source, member_id, goal, state, claim, exists_since) VALUES (" +
      quoted(jid_of + "@site.test") + ", 'site', " + quoted(id) +
      ", 'present', 'active', gen_random_uuid(), " + (exists ? "now()" : "NULL") +
      ") ON CONFLICT (jid) DO UPDATE SET member_id = excluded.member_id, claim = excluded.claim, "
      "exists_since = excluded.exists_since");
}

void World::remove_member(const std::string& id) {
  database->run("UPDATE directory.member SET present = false WHERE member_id = " + quoted(id));
}

void World::group(const std::string& id) {
  database->run("INSERT INTO directory.site_group (source, group_id, revision, present) VALUES ('site', " +
                quoted(id) + ", 1, true)");
}

Decision World::claim(char token) {
  pqxx::work tx(*connection);
  PgPresenceStore store(tx, clock);
  auto decision = take_claim(store, test::kDomain, {"gateway", *Uuid::from_bytes(std::string(16, token))},
                             clock.mono(), kLength);
  tx.commit();
  return decision;
}

void World::tell(const Told& told) {
  pqxx::work tx(*connection);
  PgPresenceStore store(tx, clock);
  const auto lease = store.lock(test::kDomain).lease;
  ASSERT_TRUE(lease);
  const Frame frame{lease->epoch, lease->last_sequence + 1, told, clock.mono()};
  EXPECT_EQ(record(store, test::kDomain, {&frame, 1}).answers.at(0).verdict, Verdict::kStored);
  tx.commit();
}

void World::is_whole(const std::vector<std::string>& names) {
  claim('a');
  Told told{test::snapshot_began()};
  for (const auto& name : names) told.emplace_back(test::available(name));
  told.emplace_back(test::snapshot_ended());
  tell(told);
}

void World::gateway_is_lost() {
  database->run("UPDATE presence.lease SET valid_until = now() - interval '1 ms'");
}

std::size_t World::sweep() {
  pqxx::work tx(*connection);
  PgPresenceStore store(tx, clock);
  const auto lease = store.lock(test::kDomain).lease;
  const auto swept = sweep_some(store, test::kDomain, lease.value().mark(), std::nullopt, 1'000);
  tx.commit();
  return swept.closed;
}

void World::pass(const std::string& interval) {
  const auto back = " - interval " + quoted(interval);
  database->run("UPDATE presence.lease SET heard_at = heard_at" + back + ", whole_since = whole_since" +
                back + ", covered_until = covered_until" + back + ", valid_until = valid_until" + back +
                "; UPDATE presence.resource SET since = since" + back +
                ", session_began_at = session_began_at" + back +
                "; UPDATE presence.coverage SET began_at = began_at" + back + ", ended_at = ended_at" + back +
                "; UPDATE presence.seen SET at = at" + back + "; UPDATE presence.transition SET at = at" +
                back + "; UPDATE presence.session SET began_at = began_at" + back + ", ended_at = ended_at" +
                back + "; UPDATE registration.account SET exists_since = exists_since" + back);
}

World::Rows World::read(const std::string& sql) const {
  pqxx::work tx(*reader_);
  Rows rows;
  for (const auto& row : tx.exec(sql)) {
    auto& fields = rows.emplace_back();
    for (const auto& field : row) fields.emplace_back(field.is_null() ? "NULL" : field.c_str());
  }
  return rows;
}

std::string World::value(const std::string& sql) const {
  const auto rows = read(sql);
  return rows.empty() ? "no row" : rows.front().front();
}

std::string World::ago(const std::string& column) {
  return "round(extract(epoch FROM now() - " + column + ") / 10) * 10 || ' s'";
}

}  // namespace rostrum::presence
