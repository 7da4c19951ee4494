// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/notification/world.hpp"

#include <algorithm>
#include <sstream>

#include "services/notification/adapters/notice_rows.hpp"
#include "tests/support/intake_events.hpp"

namespace rostrum::notification {

namespace {

std::string quoted(const std::string& text) {
  return "'" + text + "'";
}

}  // namespace

void World::SetUp() {
  if (!test::has_database()) GTEST_SKIP() << "no PostgreSQL: run by deploy/lab/with_lab.py";
  database = std::make_unique<test::Database>();
  connection = database->connect("rostrum_notification");
}

void World::member(const std::string& id, const std::vector<std::string>& groups, bool ready,
                   const std::string& source) {
  const auto jid = (source == "site" ? id : source + "." + id) + "@site.test";
  database->run("INSERT INTO directory.member (source, member_id, jid, revision, present) VALUES (" +
                quoted(source) + ", " + quoted(id) + ", " + quoted(jid) + ", 1, true)");
  database->run(
      "INSERT INTO registration.account (jid, source, member_id, goal, state, claim, exists_since) VALUES (" +
      quoted(jid) + ", " + quoted(source) + ", " + quoted(id) + ", 'present', 'active', gen_random_uuid(), " +
      (ready ? "now()" : "NULL") + ")");
  for (const auto& group : groups) {
    database->run("INSERT INTO directory.member_group VALUES (" + quoted(source) + ", " + quoted(group) +
                  ", " + quoted(id) + ")");
  }
}

void World::account_is_ready(const std::string& id) {
  database->run("UPDATE registration.account SET exists_since = now() WHERE member_id = " + quoted(id));
}

void World::remove_member(const std::string& id) {
  database->run("UPDATE directory.member SET present = false WHERE member_id = " + quoted(id));
}

void World::group(const std::string& id) {
  database->run("INSERT INTO directory.site_group (source, group_id, revision, present) VALUES ('site', " +
                quoted(id) + ", 1, true)");
}

void World::many_members(int count) {
  const auto each = "FROM generate_series(1, " + std::to_string(count) + ") AS i";
  database->run(
      "INSERT INTO directory.member (source, member_id, jid, revision, present) SELECT 'site', 'm' || i, 'm' "
      "|| i || '@site.test', 1, true " +
      each);
  database->run(
      "INSERT INTO registration.account (jid, source, member_id, goal, state, claim, exists_since) "
      "SELECT 'm' || i || '@site.test', 'site', 'm' || i, 'present', 'active', gen_random_uuid(), now() " +
      each);
}

v1::Event World::to_all(v1::NoticeKind kind) {
  v1::Event event;
  auto& notice = *event.mutable_notice_published();
  notice.set_kind(kind);
  notice.mutable_audience()->mutable_all();
  notice.set_title("Title");
  notice.set_body("Body");
  return event;
}

v1::Event World::to_groups(const std::vector<std::string>& ids) {
  auto event = to_all();
  auto& groups = *event.mutable_notice_published()->mutable_audience()->mutable_groups();
  for (const auto& id : ids) groups.add_group_ids(id);
  return event;
}

v1::Event World::to_members(const std::vector<std::string>& ids, v1::NoticeKind kind) {
  auto event = to_all(kind);
  auto& members = *event.mutable_notice_published()->mutable_audience()->mutable_members();
  for (const auto& id : ids) members.add_member_ids(id);
  return event;
}

v1::Event World::receipt(const std::string& stanza_id, const std::string& from) {
  v1::Event event;
  event.mutable_receipt_received()->set_stanza_id(stanza_id);
  event.mutable_receipt_received()->set_from(from);
  return event;
}

v1::Event World::bounce(const std::string& stanza_id, const std::string& from, const std::string& condition) {
  v1::Event event;
  event.mutable_message_bounced()->set_stanza_id(stanza_id);
  event.mutable_message_bounced()->set_from(from);
  event.mutable_message_bounced()->set_condition(condition);
  return event;
}

EventId World::make_id() {
  return EventId::make(clock.wall(), random);
}

std::vector<std::optional<intake::Rejection>> World::take(const std::vector<intake::IntakeEvent>& events) {
  std::vector<std::optional<intake::Rejection>> rejections;
  transact([&](pqxx::transaction_base& tx) { rejections = domain.apply(tx, test::all_of(events)); });
  return rejections;
}

std::optional<intake::Rejection> World::take(const v1::Event& event, const std::string& source) {
  const intake::IntakeEvent received{make_id(), source, "", event};
  if (auto rejection = domain.check(received)) return rejection;
  return take({received}).front();
}

std::string World::publish(const v1::Event& event, const std::string& source) {
  const intake::IntakeEvent received{make_id(), source, "notice_published", event};
  EXPECT_FALSE(domain.check(received));
  EXPECT_FALSE(take({received}).front());
  return received.id.to_string();
}

void World::feedback(const v1::Event& event) {
  EXPECT_FALSE(take(event, "gateway"));
}

void World::transact(const Job& job) {
  pqxx::work tx(*connection);
  job(tx);
  tx.commit();
}

void World::expand_all() {
  for (std::size_t notices = 1; notices > 0;) {
    transact([&](pqxx::transaction_base& tx) { notices = expand_some(tx, meter); });
  }
}

World::Claimed World::claim(std::size_t most) {
  Claimed claimed;
  transact([&](pqxx::transaction_base& tx) { claimed = store.claim(tx, most, kHold); });
  return claimed;
}

void World::settle(const Claimed& deliveries, bus::CommandResult::Status status,
                   const std::string& condition) {
  std::vector<dispatch::Finished<ClaimedDelivery>> finished;
  for (const auto& delivery : deliveries) finished.push_back({delivery, {status, condition, "words", {}}});
  transact([&](pqxx::transaction_base& tx) { store.settle(tx, finished); });
}

std::size_t World::sweep() {
  std::size_t expired = 0;
  transact([&](pqxx::transaction_base& tx) {
    expired = expire_overdue(tx, 1'000, meter);
    finish_notices(tx);
  });
  return expired;
}

std::string World::state_of(const std::string& notice, const std::string& member) const {
  return column(notice, member, "state");
}

std::string World::column(const std::string& notice, const std::string& member,
                          const std::string& name) const {
  return database->value("SELECT " + name + " FROM notification.deliveries WHERE notice_id = " +
                         quoted(notice) + " AND member_id = " + quoted(member));
}

std::string World::progress(const std::string& notice) const {
  // One statement, so that both see the same moment.
  const auto both = database->rows(
      "SELECT (SELECT concat_ws(' ', total, queued, sent, delivered, failed, expired, suppressed)"
      "        FROM notification.notices WHERE notice_id = n.id),"
      "  (SELECT concat_ws(' ', count(*), count(*) FILTER (WHERE state IN ('queued', 'attempting')),"
      "     count(*) FILTER (WHERE state = 'sent'), count(*) FILTER (WHERE state = 'delivered'),"
      "     count(*) FILTER (WHERE state = 'failed'), count(*) FILTER (WHERE state = 'expired'),"
      "     count(*) FILTER (WHERE state = 'suppressed')) FROM notification.delivery WHERE notice_id = n.id) "
      "FROM notification.notice AS n WHERE n.id = " +
      quoted(notice));
  if (both.empty()) return "no such notice";
  EXPECT_EQ(both[0][0], both[0][1]) << "the counters disagree with the deliveries";
  return both[0][0];
}

std::vector<std::string> World::members_of(const Claimed& deliveries) {
  std::vector<std::string> members;
  for (const auto& delivery : deliveries) members.push_back(delivery.member_id);
  std::sort(members.begin(), members.end());
  return members;
}

double World::metric(const std::string& line) const {
  std::istringstream exposition(registry.exposition());
  for (std::string one; std::getline(exposition, one);) {
    if (one.starts_with(line + " ")) return std::stod(one.substr(line.size()));
  }
  return -1;
}

}  // namespace rostrum::notification
