// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/core/expansion.hpp"

#include <chrono>
#include <utility>

#include "services/notification/adapters/notice_rows.hpp"
#include "tests/contract/notification/world.hpp"

namespace rostrum::notification {
namespace {

class Expansion : public World {
 protected:
  std::string members(const std::string& notice) const {
    return database->value(
        "SELECT string_agg(member_id, ' ' ORDER BY member_id) FROM notification.delivery WHERE notice_id = "
        "'" +
        notice + "'");
  }
};

TEST_F(Expansion, to_all_reaches_every_present_member_of_the_site_and_nobody_else) {
  member("anna");
  member("berta");
  member("carla");
  member("xenia", {}, true, "shop");
  remove_member("carla");
  const auto id = publish(to_all());
  expand_all();
  EXPECT_EQ(members(id), "anna berta");
  EXPECT_EQ(progress(id), "2 2 0 0 0 0 0");
}

TEST_F(Expansion, to_groups_reaches_each_member_once_and_no_absent_group) {
  group("staff");
  group("board");
  member("anna", {"staff", "board"});
  member("berta", {"board"});
  member("carla", {"unstated"});
  member("dora");
  const auto id = publish(to_groups({"staff", "board", "unstated"}));
  expand_all();
  EXPECT_EQ(members(id), "anna berta");
}

TEST_F(Expansion, to_members_fails_for_those_whom_nobody_knows) {
  member("anna");
  member("berta", {}, false);
  const auto id = publish(to_members({"nobody", "anna", "berta"}));
  expand_all();
  EXPECT_EQ(progress(id), "3 2 0 0 1 0 0");
  EXPECT_EQ(state_of(id, "nobody"), "failed");
  EXPECT_EQ(column(id, "nobody", "reason"), "unknown-member");
  EXPECT_EQ(database->value("SELECT member_id || ' ' || reason FROM notification.dead_letters"),
            "nobody unknown-member");
  EXPECT_EQ(metric("rostrum_notification_deliveries_total{state=\"failed\"}"), 1);
}

TEST_F(Expansion, gives_every_delivery_a_token_of_its_own) {
  many_members(500);
  publish(to_all());
  publish(to_all());
  expand_all();
  EXPECT_EQ(database->value("SELECT count(DISTINCT stanza_id) FROM notification.deliveries"), "1000");
}

TEST_F(Expansion, that_is_interrupted_between_pages_resumes_at_the_cursor) {
  many_members(5'000);
  const auto id = publish(to_all());
  transact([&](pqxx::transaction_base& tx) { expand_some(tx, meter); });
  const auto first = std::stoi(database->value("SELECT count(*) FROM notification.delivery"));
  EXPECT_GT(first, 0);
  EXPECT_LT(first, 5'000);
  {  // a process that dies in the middle of a page leaves nothing of it behind
    pqxx::work lost(*connection);
    expand_some(lost, meter);
  }
  EXPECT_EQ(database->value("SELECT count(*) FROM notification.delivery"), std::to_string(first));
  connection = database->connect("rostrum_notification");
  expand_all();
  EXPECT_EQ(progress(id), "5000 5000 0 0 0 0 0");
}

TEST_F(Expansion, of_groups_and_names_goes_page_by_page_too) {
  group("big");
  many_members(700);
  database->run("INSERT INTO directory.member_group SELECT 'site', 'big', member_id FROM directory.member");
  std::vector<std::string> names;
  for (int i = 1; i <= 700; ++i) names.push_back("m" + std::to_string(i));
  const auto to_group = publish(to_groups({"big"}));
  const auto by_name = publish(to_members(names));
  for (int others = 0; others < 14; ++others)
    publish(to_groups({"big"}));  // sixteen share a transaction: pages of 125
  transact([&](pqxx::transaction_base& tx) { expand_some(tx, meter); });
  EXPECT_EQ(progress(to_group), "125 125 0 0 0 0 0");
  EXPECT_EQ(progress(by_name), "125 125 0 0 0 0 0");
  expand_all();
  EXPECT_EQ(progress(to_group), "700 700 0 0 0 0 0");
  EXPECT_EQ(progress(by_name), "700 700 0 0 0 0 0");
}

TEST_F(Expansion, of_one_notice_is_done_by_one_instance_at_a_time) {
  many_members(100);
  const auto first = publish(to_all());
  const auto at_work = std::exchange(connection, database->connect("rostrum_notification"));
  pqxx::work one(*at_work);
  EXPECT_EQ(expand_some(one, meter), 1U);
  const auto second = publish(to_all());
  transact([&](pqxx::transaction_base& tx) {
    EXPECT_EQ(expand_some(tx, meter), 1U) << "the other one, not the one at work";
  });
  EXPECT_EQ(progress(second), "100 100 0 0 0 0 0");
  one.commit();
  EXPECT_EQ(progress(first), "100 100 0 0 0 0 0");
}

TEST_F(Expansion, does_not_let_an_alert_to_one_wait_for_announcements_to_all) {
  many_members(3'000);
  for (int i = 0; i < 20; ++i) publish(to_all());
  const auto alert = publish(to_members({"m1"}, v1::NOTICE_KIND_ALERT));
  transact([&](pqxx::transaction_base& tx) { expand_some(tx, meter); });
  EXPECT_EQ(progress(alert), "1 1 0 0 0 0 0");
}

TEST_F(Expansion, does_not_let_one_sources_alerts_wait_for_anothers) {
  member("anna");
  member("xenia", {}, true, "shop");
  for (int i = 0; i < 40; ++i) publish(to_all(v1::NOTICE_KIND_ALERT));
  const auto alert = publish(to_all(v1::NOTICE_KIND_ALERT), "shop");
  transact([&](pqxx::transaction_base& tx) { expand_some(tx, meter); });
  EXPECT_EQ(progress(alert), "1 1 0 0 0 0 0");
}

TEST_F(Expansion, of_a_hundred_thousand_members_takes_seconds) {
  many_members(100'000);
  const auto id = publish(to_all());
  const auto start = std::chrono::steady_clock::now();
  expand_all();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(progress(id), "100000 100000 0 0 0 0 0");
  EXPECT_LT(took.count(), 20) << "seconds, on a machine shared with other tests";
  RecordProperty("seconds", std::to_string(took.count()));
}

}  // namespace
}  // namespace rostrum::notification
