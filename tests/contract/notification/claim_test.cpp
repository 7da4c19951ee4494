// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <set>
#include <thread>

#include "common/pg/apart.hpp"
#include "services/notification/adapters/notice_rows.hpp"
#include "tests/contract/notification/world.hpp"

namespace rostrum::notification {
namespace {

using Status = bus::CommandResult::Status;

class Claim : public World {
 protected:
  /// All that is open becomes due, as if the time had passed.
  void time_passes() {
    database->run(
        "UPDATE notification.delivery SET due = now() - interval '1 s' WHERE state IN ('queued', "
        "'attempting')");
  }
  void expires(const std::string& notice) {
    database->run("UPDATE notification.notice SET expires_at = now() - interval '1 s' WHERE id = '" + notice +
                  "'");
  }
};

TEST_F(Claim, hands_out_what_a_gateway_needs) {
  member("anna");
  const auto id = publish(to_all());
  expand_all();
  const auto claimed = claim();
  ASSERT_EQ(claimed.size(), 1U);
  v1::Command command;
  EXPECT_FALSE(make_send_message(claimed.front(), command));
  EXPECT_EQ(command.send_message().to(), "anna@site.test");
  EXPECT_EQ(command.send_message().subject(), "Title");
  EXPECT_EQ(command.send_message().body(), "Body");
  EXPECT_EQ(command.send_message().stanza_id(), column(id, "anna", "stanza_id"));
  EXPECT_TRUE(command.send_message().stanza_id().starts_with(id + "."));
  EXPECT_EQ(state_of(id, "anna"), "attempting");
  EXPECT_EQ(column(id, "anna", "attempts"), "1");
}

TEST_F(Claim, takes_no_more_than_asked_and_nothing_twice) {
  many_members(10);
  publish(to_all());
  expand_all();
  std::set<std::string> seen;
  for (const std::size_t most : {3U, 4U, 5U}) {
    for (const auto& delivery : claim(most)) EXPECT_TRUE(seen.insert(delivery.member_id).second);
  }
  EXPECT_EQ(seen.size(), 10U);
  EXPECT_TRUE(claim().empty());
}

TEST_F(Claim, takes_alerts_before_announcements) {
  many_members(5);
  publish(to_all());
  const auto alert = publish(to_members({"m2", "m4"}, v1::NOTICE_KIND_ALERT));
  expand_all();
  const auto first = claim(2);
  EXPECT_EQ(members_of(first), (std::vector<std::string>{"m2", "m4"}));
  for (const auto& delivery : first) EXPECT_EQ(delivery.stanza.notice.to_string(), alert);
}

TEST_F(Claim, shares_what_can_be_sent_between_sources) {
  many_members(50);
  member("xenia", {}, true, "shop");
  for (int i = 0; i < 3; ++i) publish(to_all(v1::NOTICE_KIND_ALERT));
  publish(to_all(v1::NOTICE_KIND_ALERT), "shop");
  expand_all();
  const auto claimed = members_of(claim(10));
  EXPECT_EQ(claimed.size(), 10U) << "what one source does not need the other gets";
  EXPECT_EQ(std::count(claimed.begin(), claimed.end(), "xenia"), 1);
}

TEST_F(Claim, has_at_most_one_delivery_per_member_in_flight) {
  member("anna");
  publish(to_all());
  publish(to_all());
  const auto alert = publish(to_all(v1::NOTICE_KIND_ALERT));
  expand_all();
  const auto first = claim();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first.front().stanza.notice.to_string(), alert);
  EXPECT_TRUE(claim().empty());
  settle(first, Status::kDone);
  EXPECT_EQ(claim().size(), 1U);
}

TEST_F(Claim, of_two_instances_at_once_never_takes_the_same_member) {
  many_members(40);
  publish(to_all());
  publish(to_all());
  expand_all();
  const auto other_connection = database->connect("rostrum_notification");
  std::vector<std::string> seen;
  std::thread other;
  {
    pqxx::work one(*connection);
    for (const auto& delivery : store.claim(one, 20, kHold)) seen.push_back(delivery.member_id);
    other = std::thread([&] {  // waits for its turn until the first has committed
      pqxx::work two(*other_connection);
      for (const auto& delivery : store.claim(two, 40, kHold)) seen.push_back(delivery.member_id);
      two.commit();
    });
    while (database->value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") ==
           "0")
      std::this_thread::yield();
    one.commit();
  }
  other.join();
  EXPECT_EQ(seen.size(), 40U);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 40U);
}

TEST_F(Claim, of_an_instance_that_died_is_due_again_after_its_hold_under_the_same_stanza_id) {
  member("anna");
  publish(to_all());
  expand_all();
  const auto lost = claim();
  EXPECT_TRUE(claim().empty());
  time_passes();
  const auto again = claim();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again.front().stanza, lost.front().stanza);
  EXPECT_EQ(again.front().attempt, 2U);
}

TEST_F(Claim, puts_off_members_without_account_and_gets_on_with_the_others) {
  for (int i = 0; i < 30; ++i) member("a" + std::to_string(i), {}, false);
  member("zoe");
  const auto id = publish(to_all());
  expand_all();
  const auto reachable = claim(4);
  EXPECT_EQ(members_of(reachable), (std::vector<std::string>{"zoe"}));
  settle(reachable, Status::kDone);
  EXPECT_EQ(state_of(id, "a7"), "queued");
  EXPECT_EQ(column(id, "a7", "attempts"), "0");
  EXPECT_EQ(column(id, "a7", "next_look_at > queued_at"), "t");
  account_is_ready("a7");
  time_passes();
  EXPECT_EQ(members_of(claim(100)), (std::vector<std::string>{"a7"}));
}

TEST_F(Claim, suppresses_what_is_for_members_who_are_gone) {
  member("anna");
  member("berta");
  const auto id = publish(to_all());
  expand_all();
  remove_member("anna");
  database->run("UPDATE directory.member SET jid = 'berta.new@site.test' WHERE member_id = 'berta'");
  EXPECT_TRUE(claim().empty());
  EXPECT_EQ(state_of(id, "anna"), "suppressed");
  EXPECT_EQ(state_of(id, "berta"), "suppressed");
  EXPECT_EQ(column(id, "anna", "reason"), "member-removed");
  EXPECT_EQ(progress(id), "2 0 0 0 0 0 2");
}

TEST_F(Claim, lets_expired_deliveries_expire) {
  many_members(30);
  const auto id = publish(to_all());
  expand_all();
  expires(id);
  EXPECT_TRUE(claim(7).empty());
  EXPECT_EQ(progress(id), "30 0 0 0 0 30 0");
  EXPECT_EQ(column(id, "m1", "reason"), "unsent");
  EXPECT_EQ(metric("rostrum_notification_deliveries_total{state=\"expired\"}"), 30);
}

TEST_F(Claim, sweeping_lets_expire_what_nobody_claims_but_not_what_is_in_flight) {
  many_members(5);
  const auto id = publish(to_all());
  expand_all();
  const auto in_flight = claim(2);
  expires(id);
  EXPECT_EQ(sweep(), 3U);
  EXPECT_EQ(progress(id), "5 2 0 0 0 3 0");
  settle(in_flight, Status::kDone);
  EXPECT_EQ(progress(id), "5 0 2 0 0 3 0");
  EXPECT_EQ(sweep(), 0U);
  EXPECT_EQ(database->value("SELECT state FROM notification.notices"), "done");
}

TEST_F(Claim, sweeping_keeps_what_it_did_when_a_notice_cannot_be_ended) {
  many_members(1);
  const auto notice = publish(to_all());
  expand_all();
  expires(notice);
  database->run("ALTER TABLE notification.notice ADD CONSTRAINT never CHECK (state <> 'done')");
  transact([&](pqxx::transaction_base& tx) {
    EXPECT_EQ(expire_overdue(tx, 10, meter), 1U);
    EXPECT_TRUE(pg::apart(tx, [&] { finish_notices(tx); }));
  });
  EXPECT_EQ(state_of(notice, "m1"), "expired");
}

TEST_F(Claim, sweeping_expires_what_a_dead_process_left_attempting) {
  member("anna");
  const auto id = publish(to_all());
  expand_all();
  claim();
  expires(id);
  EXPECT_EQ(sweep(), 0U);
  time_passes();
  EXPECT_EQ(sweep(), 1U);
  EXPECT_EQ(column(id, "anna", "reason"), "unconfirmed");
}

}  // namespace
}  // namespace rostrum::notification
