// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/notification/world.hpp"

namespace rostrum::notification {
namespace {

using Status = bus::CommandResult::Status;

class Settle : public World {
 protected:
  void SetUp() override {
    World::SetUp();
    if (IsSkipped()) return;
    member("anna");
    notice = publish(to_all());
    expand_all();
  }
  [[nodiscard]] std::string state() const { return state_of(notice, "anna"); }
  [[nodiscard]] std::string column(const std::string& name) const {
    return World::column(notice, "anna", name);
  }

  std::string notice;
};

TEST_F(Settle, what_is_done_is_sent) {
  settle(claim(), Status::kDone);
  EXPECT_EQ(state(), "sent");
  EXPECT_NE(column("sent_at"), "NULL");
  EXPECT_EQ(column("next_look_at"), "NULL");
  EXPECT_EQ(progress(notice), "1 0 1 0 0 0 0");
  EXPECT_EQ(metric("rostrum_notification_sent_after_seconds_count"), 1);
}

TEST_F(Settle, what_has_failed_is_a_dead_letter) {
  settle(claim(), Status::kFailed, "invalid-text");
  EXPECT_EQ(state(), "failed");
  EXPECT_EQ(
      database->rows("SELECT member_id, state, reason, detail, attempts FROM notification.dead_letters"),
      (std::vector<std::vector<std::string>>{{"anna", "failed", "invalid-text", "words", "1"}}));
}

TEST_F(Settle, what_was_not_started_is_queued_and_not_counted) {
  const auto claimed = claim();
  const auto then = database->value("SELECT clock_timestamp()");
  settle(claimed, Status::kRetry);
  EXPECT_EQ(state(), "queued");
  EXPECT_EQ(column("attempts"), "0");
  EXPECT_EQ(column("next_look_at > '" + then + "'"), "t");
  EXPECT_EQ(progress(notice), "1 1 0 0 0 0 0");
}

TEST_F(Settle, what_is_in_doubt_is_repeated_after_the_hold_under_the_same_stanza_id) {
  const auto first = claim();
  const auto hold_ends = column("next_look_at");
  settle(first, Status::kUnknown);
  EXPECT_EQ(state(), "queued");
  EXPECT_EQ(column("attempts"), "1");
  EXPECT_EQ(column("date_trunc('milliseconds', next_look_at)"),
            database->value("SELECT date_trunc('milliseconds', '" + hold_ends + "'::timestamptz)"));
  EXPECT_TRUE(claim().empty());
  database->run("UPDATE notification.delivery SET due = now()");
  EXPECT_EQ(claim().front().stanza, first.front().stanza);
}

TEST_F(Settle, leaves_alone_what_was_delivered_meanwhile) {
  for (const auto status : {Status::kDone, Status::kFailed, Status::kRetry, Status::kUnknown}) {
    database->run("UPDATE notification.delivery SET state = 'queued', due = now()");
    const auto claimed = claim();
    ASSERT_EQ(claimed.size(), 1U);
    feedback(receipt(claimed.front().stanza.text(), "anna@site.test"));
    settle(claimed, status, "whatever");
    EXPECT_EQ(state(), "delivered");
  }
}

TEST_F(Settle, leaves_alone_what_another_instance_attempts_by_now) {
  const auto late = claim();
  database->run("UPDATE notification.delivery SET due = now()");
  const auto current = claim();
  settle(late, Status::kUnknown);
  EXPECT_EQ(state(), "attempting");
  settle(current, Status::kDone);
  EXPECT_EQ(state(), "sent");
}

TEST_F(Settle, may_come_again_after_a_commit_in_doubt) {
  const auto claimed = claim();
  for (int times = 0; times < 2; ++times) settle(claimed, Status::kDone);
  EXPECT_EQ(progress(notice), "1 0 1 0 0 0 0");
}

TEST_F(Settle, writes_a_whole_batch_at_once) {
  many_members(300);
  const auto id = publish(to_all());
  expand_all();
  settle(claim(500), Status::kDone);
  EXPECT_EQ(progress(id), "301 1 300 0 0 0 0") << "anna has the other notice in flight";
}

}  // namespace
}  // namespace rostrum::notification
