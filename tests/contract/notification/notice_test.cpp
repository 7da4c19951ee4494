// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/adapters/notice_rows.hpp"
#include "tests/contract/notification/world.hpp"

namespace rostrum::notification {
namespace {

using Notices = World;

TEST_F(Notices, are_kept_as_they_were_said) {
  auto event = to_groups({"staff", "a \"quoted\", {braced} \\ group", "ünïcode"});
  event.mutable_notice_published()->set_title("It's \"so\"");
  event.mutable_notice_published()->set_body("two\nlines \\ {and} NULL");
  const auto id = publish(event);
  EXPECT_EQ(database->rows("SELECT source, kind, audience, array_to_string(audience_ids, '|'), title, body, "
                           "state FROM notification.notice WHERE id = '" +
                           id + "'"),
            (std::vector<std::vector<std::string>>{
                {"site", "announcement", "groups", "a \"quoted\", {braced} \\ group|staff|ünïcode",
                 "It's \"so\"", "two\nlines \\ {and} NULL", "expanding"}}));
}

TEST_F(Notices, expire_after_the_deployments_default) {
  const auto id = publish(to_all());
  EXPECT_EQ(database->value("SELECT round(extract(epoch FROM expires_at - published_at)) FROM "
                            "notification.notice WHERE id = '" +
                            id + "'"),
            "604800");
}

TEST_F(Notices, that_have_expired_already_are_rejected_and_leave_nothing) {
  auto event = to_all();
  event.mutable_notice_published()->mutable_expires_at()->set_seconds(1'600'000'000);
  const auto rejection = take(event, "site");
  ASSERT_TRUE(rejection);
  EXPECT_EQ(rejection->code, v1::REJECTION_CODE_INVALID_FIELD);
  EXPECT_NE(rejection->text.find("expires_at"), std::string::npos);
  EXPECT_EQ(database->value("SELECT count(*) FROM notification.notice"), "0");
}

TEST_F(Notices, of_one_batch_are_accepted_and_rejected_one_by_one) {
  auto late = to_all();
  late.mutable_notice_published()->mutable_expires_at()->set_seconds(1'600'000'000);
  const auto rejections = take({{make_id(), "site", "notice_published", to_all()},
                                {make_id(), "site", "notice_published", late},
                                {make_id(), "shop", "notice_published", to_all()}});
  ASSERT_EQ(rejections.size(), 3U);
  EXPECT_FALSE(rejections[0]);
  EXPECT_TRUE(rejections[1]);
  EXPECT_FALSE(rejections[2]);
  EXPECT_EQ(database->value("SELECT count(*) FROM notification.notice"), "2");
}

TEST_F(Notices, cannot_take_the_id_of_another_sources_notice) {
  const auto id = make_id();
  EXPECT_FALSE(take({{id, "site", "notice_published", to_all()}}).front());
  const auto rejection = take({{id, "shop", "notice_published", to_members({"x"})}}).front();
  ASSERT_TRUE(rejection);
  EXPECT_EQ(rejection->code, v1::REJECTION_CODE_ID_REUSED);
  EXPECT_EQ(database->value("SELECT source FROM notification.notice"), "site");
}

TEST_F(Notices, every_flaw_has_its_own_rejection) {
  auto event = to_all();
  event.mutable_notice_published()->clear_body();
  EXPECT_EQ(take(event, "site")->code, v1::REJECTION_CODE_MISSING_FIELD);
  event.mutable_notice_published()->set_body("\x01");
  EXPECT_EQ(take(event, "site")->code, v1::REJECTION_CODE_INVALID_TEXT);
  event = to_all(v1::NOTICE_KIND_UNSPECIFIED);
  EXPECT_EQ(take(event, "site")->code, v1::REJECTION_CODE_INVALID_FIELD);
  EXPECT_EQ(take(receipt("x", "not a jid"), "gateway")->code, v1::REJECTION_CODE_INVALID_JID);
  EXPECT_EQ(database->value("SELECT count(*) FROM notification.notice"), "0");
}

TEST_F(Notices, are_done_when_the_last_delivery_has_ended) {
  member("anna");
  member("berta");
  const auto id = publish(to_all());
  const auto state = [&] {
    return database->value("SELECT state FROM notification.notices WHERE notice_id = '" + id + "'");
  };
  sweep();
  EXPECT_EQ(state(), "expanding");
  expand_all();
  sweep();
  EXPECT_EQ(state(), "sending");
  settle(claim(1), bus::CommandResult::Status::kDone);
  sweep();
  EXPECT_EQ(state(), "sending");
  settle(claim(1), bus::CommandResult::Status::kFailed, "gone");
  sweep();
  EXPECT_EQ(state(), "done");
  EXPECT_EQ(progress(id), "2 0 1 0 1 0 0");
  EXPECT_NE(database->value("SELECT done_at FROM notification.notices"), "NULL");
}

TEST_F(Notices, to_nobody_are_done_at_once) {
  const auto id = publish(to_groups({"empty"}));
  expand_all();
  sweep();
  EXPECT_EQ(database->value("SELECT state FROM notification.notices WHERE notice_id = '" + id + "'"), "done");
  EXPECT_EQ(progress(id), "0 0 0 0 0 0 0");
}

}  // namespace
}  // namespace rostrum::notification
