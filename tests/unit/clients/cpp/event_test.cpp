// SPDX-License-Identifier: Apache-2.0
#include "rostrum/event.hpp"

#include <gtest/gtest.h>

#include "clients/cpp/src/event_state.hpp"

namespace rostrum {
namespace {

constexpr const char* kId = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";

TEST(Event, states_a_member_as_a_whole) {
  auto event =
      member_upserted("anna", {.jid = "anna@site.test", .display_name = "Anna", .groups = {"a", "b"}})
          .with_revision(7);
  const auto& message = event.state().message;
  EXPECT_EQ(message.subject(), "anna");
  EXPECT_EQ(message.revision(), 7U);
  EXPECT_EQ(message.member_upserted().jid(), "anna@site.test");
  EXPECT_EQ(message.member_upserted().display_name(), "Anna");
  EXPECT_EQ(message.member_upserted().group_ids_size(), 2);
  EXPECT_EQ(destination_of(message), Destination::kRegistration);
}

TEST(Event, keeps_a_password_out_of_the_message) {
  auto event = member_upserted("anna", {.jid = "anna@site.test", .password = "plum-7-tree"});
  EXPECT_EQ(event.state().message.SerializeAsString().find("plum"), std::string::npos);
  EXPECT_EQ(event.state().password.reveal(), "plum-7-tree");
}

TEST(Event, of_each_kind_has_its_payload_and_its_intake) {
  const auto payload = [](Event event) { return event.state().message.payload_case(); };
  EXPECT_EQ(payload(member_removed("anna")), v1::Event::kMemberRemoved);
  EXPECT_EQ(payload(password_changed("anna", "x")), v1::Event::kPasswordChanged);
  EXPECT_EQ(payload(group_upserted("editors", "The editors")), v1::Event::kGroupUpserted);
  EXPECT_EQ(payload(group_removed("editors")), v1::Event::kGroupRemoved);
  EXPECT_EQ(payload(announcement(to_all(), {.text = "x"})), v1::Event::kNoticePublished);
  auto said = alert(to_members({"anna"}), {.text = "x"});
  EXPECT_EQ(destination_of(said.state().message), Destination::kNotification);
  EXPECT_EQ(said.state().message.notice_published().kind(), v1::NOTICE_KIND_ALERT);
}

TEST(Event, carries_its_audience_and_its_expiry) {
  const auto moment =
      std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + std::chrono::milliseconds(1'250);
  auto event = announcement(to_groups({"a", "b"}), {.text = "x", .title = "t", .expires_at = moment});
  const auto& notice = event.state().message.notice_published();
  EXPECT_EQ(notice.audience().groups().group_ids_size(), 2);
  EXPECT_EQ(notice.title(), "t");
  EXPECT_EQ(
      notice.expires_at().seconds(),
      std::chrono::sys_days(std::chrono::year(2026) / 11 / 22).time_since_epoch() / std::chrono::seconds(1) +
          1);
  EXPECT_EQ(notice.expires_at().nanos(), 250'000'000);
  EXPECT_TRUE(announcement(to_all(), {.text = "x"}).state().message.notice_published().audience().has_all());
  EXPECT_FALSE(announcement(to_all(), {.text = "x"}).state().message.notice_published().has_expires_at());
}

TEST(Event, remembers_the_first_text_that_is_not_utf8_and_never_holds_it) {
  auto event = member_upserted("anna", {.jid = "anna@site.test", .display_name = "A\xff"});
  ASSERT_TRUE(event.state().fault);
  EXPECT_EQ(event.state().fault->rfind("display name: byte 1", 0), 0U) << *event.state().fault;
  EXPECT_EQ(event.state().message.member_upserted().display_name(), "");
}

TEST(Event, leaves_all_other_judgement_to_the_intake) {
  EXPECT_FALSE(member_upserted("", {.jid = "not a jid"}).state().fault);
  EXPECT_FALSE(announcement(to_all(), {.text = "bell \a"}).state().fault);
}

TEST(Event, takes_only_a_uuid_of_version_7_as_its_id) {
  EXPECT_EQ(member_removed("anna").with_id(kId).state().message.id().size(), 16U);
  EXPECT_THROW((void)member_removed("anna").with_id("0199a1b2-c3d4-4e5f-8a9b-0c1d2e3f4a5b"),
               std::invalid_argument);
  EXPECT_THROW((void)member_removed("anna").with_id("seven"), std::invalid_argument);
}

TEST(Event, is_unpacked_only_from_the_bytes_of_a_sites_event) {
  EXPECT_THROW((void)Event::unpack(""), std::invalid_argument);
  EXPECT_THROW((void)Event::unpack("garbage"), std::invalid_argument);
  v1::Event receipt;
  receipt.set_id(member_removed("anna").with_id(kId).state().message.id());
  receipt.mutable_receipt_received();
  EXPECT_THROW((void)Event::unpack(receipt.SerializeAsString()), std::invalid_argument);
}

}  // namespace
}  // namespace rostrum
