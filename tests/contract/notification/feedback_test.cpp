// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/notification/world.hpp"

namespace rostrum::notification {
namespace {

using Status = bus::CommandResult::Status;

class Feedback : public World {
 protected:
  void SetUp() override {
    World::SetUp();
    if (IsSkipped()) return;
    member("anna");
    member("berta");
    notice = publish(to_all());
    expand_all();
    settle(claim(), Status::kDone);
  }
  [[nodiscard]] std::string stanza(const std::string& member) const {
    return column(notice, member, "stanza_id");
  }
  [[nodiscard]] double unmatched() const { return metric("rostrum_notification_feedback_unmatched_total"); }

  std::string notice;
};

TEST_F(Feedback, a_receipt_delivers) {
  feedback(receipt(stanza("anna"), "anna@site.test"));
  EXPECT_EQ(state_of(notice, "anna"), "delivered");
  EXPECT_EQ(state_of(notice, "berta"), "sent");
  EXPECT_EQ(progress(notice), "2 0 1 1 0 0 0");
  EXPECT_EQ(unmatched(), 0);
  EXPECT_EQ(metric("rostrum_notification_delivered_after_seconds_count"), 1);
}

TEST_F(Feedback, a_second_receipt_changes_nothing) {
  feedback(receipt(stanza("anna"), "anna@site.test"));
  const auto when = column(notice, "anna", "delivered_at");
  feedback(receipt(stanza("anna"), "anna@site.test"));
  EXPECT_EQ(column(notice, "anna", "delivered_at"), when);
  EXPECT_EQ(progress(notice), "2 0 1 1 0 0 0");
  EXPECT_EQ(unmatched(), 0);
}

TEST_F(Feedback, a_receipt_from_another_member_counts_for_nothing) {
  feedback(receipt(stanza("anna"), "berta@site.test"));
  feedback(receipt(stanza("anna"), "anna@evil.test"));
  EXPECT_EQ(progress(notice), "2 0 2 0 0 0 0");
  EXPECT_EQ(unmatched(), 2);
}

TEST_F(Feedback, a_receipt_with_a_guessed_token_counts_for_nothing) {
  feedback(receipt(notice + ".00112233445566778899aabbccddeeff", "anna@site.test"));
  EXPECT_EQ(progress(notice), "2 0 2 0 0 0 0");
  EXPECT_EQ(unmatched(), 1);
}

TEST_F(Feedback, a_token_is_good_for_its_own_notice_only) {
  const auto other = publish(to_all());
  expand_all();
  settle(claim(), Status::kDone);
  feedback(receipt(other + stanza("anna").substr(36), "anna@site.test"));
  EXPECT_EQ(progress(notice), "2 0 2 0 0 0 0");
  EXPECT_EQ(progress(other), "2 0 2 0 0 0 0");
  EXPECT_EQ(unmatched(), 1);
}

TEST_F(Feedback, a_stanza_id_that_is_not_ours_counts_for_nothing) {
  feedback(receipt("purple1234", "anna@site.test"));
  feedback(bounce("purple1234", "anna@site.test", "gone"));
  EXPECT_EQ(progress(notice), "2 0 2 0 0 0 0");
  EXPECT_EQ(unmatched(), 2);
}

TEST_F(Feedback, a_bounce_fails_the_delivery_with_the_servers_condition) {
  feedback(bounce(stanza("anna"), "anna@site.test", "service-unavailable"));
  EXPECT_EQ(state_of(notice, "anna"), "failed");
  EXPECT_EQ(column(notice, "anna", "reason"), "service-unavailable");
  EXPECT_NE(column(notice, "anna", "sent_at"), "NULL");
  EXPECT_EQ(progress(notice), "2 0 1 0 1 0 0");
}

TEST_F(Feedback, a_bounce_after_the_receipt_changes_nothing) {
  feedback(receipt(stanza("anna"), "anna@site.test"));
  feedback(bounce(stanza("anna"), "anna@site.test", "service-unavailable"));
  EXPECT_EQ(state_of(notice, "anna"), "delivered");
  EXPECT_EQ(column(notice, "anna", "reason"), "NULL");
}

TEST_F(Feedback, a_forged_bounce_counts_for_nothing) {
  feedback(bounce(stanza("anna"), "berta@site.test", "service-unavailable"));
  EXPECT_EQ(state_of(notice, "anna"), "sent");
  EXPECT_EQ(unmatched(), 1);
}

TEST_F(Feedback, of_one_batch_is_taken_in_order) {
  const auto id = stanza("anna");
  const auto rejections = take({{make_id(), "gateway", "", bounce(id, "anna@site.test", "gone")},
                                {make_id(), "gateway", "", receipt(id, "anna@site.test")},
                                {make_id(), "gateway", "", bounce(id, "anna@site.test", "gone")},
                                {make_id(), "gateway", "", receipt(stanza("berta"), "anna@site.test")}});
  for (const auto& rejection : rejections) EXPECT_FALSE(rejection);
  EXPECT_EQ(progress(notice), "2 0 1 1 0 0 0");
  EXPECT_EQ(unmatched(), 1);
}

TEST_F(Feedback, may_come_before_the_result) {
  const auto other = publish(to_all());
  expand_all();
  const auto claimed = claim();
  for (const auto& delivery : claimed) {
    if (delivery.member_id == "anna") feedback(receipt(delivery.stanza.text(), delivery.jid));
    if (delivery.member_id == "berta") feedback(bounce(delivery.stanza.text(), delivery.jid, "gone"));
  }
  settle(claimed, Status::kDone);
  EXPECT_EQ(progress(other), "2 0 0 1 1 0 0");
  EXPECT_NE(column(other, "anna", "sent_at"), "NULL");
}

}  // namespace
}  // namespace rostrum::notification
