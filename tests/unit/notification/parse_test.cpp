// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/core/parse.hpp"

#include <gtest/gtest.h>

#include "rostrum/v1/event.pb.h"
#include "tests/support/fake_clock.hpp"

namespace rostrum::notification {
namespace {

v1::Event announcement() {
  v1::Event event;
  auto& notice = *event.mutable_notice_published();
  notice.set_kind(v1::NOTICE_KIND_ANNOUNCEMENT);
  notice.mutable_audience()->mutable_all();
  notice.set_title("Maintenance");
  notice.set_body("Tonight at ten.");
  return event;
}

v1::Event to_groups(const std::vector<std::string>& ids) {
  auto event = announcement();
  auto& groups = *event.mutable_notice_published()->mutable_audience()->mutable_groups();
  for (const auto& id : ids) groups.add_group_ids(id);
  return event;
}

v1::Event to_members(const std::vector<std::string>& ids) {
  auto event = announcement();
  auto& members = *event.mutable_notice_published()->mutable_audience()->mutable_members();
  for (const auto& id : ids) members.add_member_ids(id);
  return event;
}

constexpr auto kStanza = "018f4a3e-1111-7222-8333-444455556666.00112233445566778899aabbccddeeff";

v1::Event receipt(const std::string& stanza_id = kStanza, const std::string& from = "anna@site.test") {
  v1::Event event;
  event.mutable_receipt_received()->set_stanza_id(stanza_id);
  event.mutable_receipt_received()->set_from(from);
  return event;
}

v1::Event bounce(const std::string& condition = "service-unavailable", const std::string& text = "") {
  v1::Event event;
  auto& bounced = *event.mutable_message_bounced();
  bounced.set_stanza_id(kStanza);
  bounced.set_from("anna@site.test");
  bounced.set_condition(condition);
  bounced.set_text(text);
  return event;
}

/// The flaw, and a word that the text must name.
void expect_flaw(const Result<Notice, ParseError>& parsed, Flaw flaw, const std::string& names) {
  ASSERT_FALSE(parsed) << names;
  EXPECT_EQ(parsed.error().flaw, flaw) << parsed.error().text;
  EXPECT_NE(parsed.error().text.find(names), std::string::npos) << parsed.error().text;
}

void expect_flaw(const Result<Feedback, ParseError>& parsed, Flaw flaw, const std::string& names) {
  ASSERT_FALSE(parsed) << names;
  EXPECT_EQ(parsed.error().flaw, flaw) << parsed.error().text;
  EXPECT_NE(parsed.error().text.find(names), std::string::npos) << parsed.error().text;
}

TEST(ParseNotice, takes_an_announcement_to_all) {
  const auto notice = parse_notice(announcement());
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice.value().kind, Kind::kAnnouncement);
  EXPECT_EQ(notice.value().audience.kind, AudienceKind::kAll);
  EXPECT_EQ(notice.value().title, "Maintenance");
  EXPECT_EQ(notice.value().body, "Tonight at ten.");
  EXPECT_FALSE(notice.value().expires_at);
}

TEST(ParseNotice, takes_an_alert_without_title) {
  auto event = announcement();
  event.mutable_notice_published()->set_kind(v1::NOTICE_KIND_ALERT);
  event.mutable_notice_published()->clear_title();
  const auto notice = parse_notice(event);
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice.value().kind, Kind::kAlert);
}

TEST(ParseNotice, names_each_group_and_member_once_in_order) {
  const auto groups = parse_notice(to_groups({"staff", "board", "staff"}));
  ASSERT_TRUE(groups);
  EXPECT_EQ(groups.value().audience.ids, (std::vector<std::string>{"board", "staff"}));
  const auto members = parse_notice(to_members({"zoë", "Zoe", "anna", "zoë"}));
  ASSERT_TRUE(members);
  EXPECT_EQ(members.value().audience.ids, (std::vector<std::string>{"Zoe", "anna", "zoë"}));
}

TEST(ParseNotice, refuses_a_kind_it_does_not_know) {
  for (const int kind : {0, 3, 99}) {
    auto event = announcement();
    event.mutable_notice_published()->set_kind(static_cast<v1::NoticeKind>(kind));
    expect_flaw(parse_notice(event), Flaw::kInvalidField, "kind");
  }
}

TEST(ParseNotice, refuses_to_guess_the_audience) {
  auto event = announcement();
  event.mutable_notice_published()->clear_audience();
  expect_flaw(parse_notice(event), Flaw::kMissingField, "audience");
  event.mutable_notice_published()->mutable_audience();
  expect_flaw(parse_notice(event), Flaw::kMissingField, "audience");
  expect_flaw(parse_notice(to_groups({})), Flaw::kMissingField, "audience.groups.group_ids");
  expect_flaw(parse_notice(to_members({})), Flaw::kMissingField, "audience.members.member_ids");
}

TEST(ParseNotice, bounds_the_audience) {
  EXPECT_TRUE(parse_notice(to_groups(std::vector<std::string>(256, "g"))));
  expect_flaw(parse_notice(to_groups(std::vector<std::string>(257, "g"))), Flaw::kInvalidField, "257");
  EXPECT_TRUE(parse_notice(to_members(std::vector<std::string>(1'000, "m"))));
  expect_flaw(parse_notice(to_members(std::vector<std::string>(1'001, "m"))), Flaw::kInvalidField, "1001");
}

TEST(ParseNotice, names_the_entry_that_is_wrong) {
  expect_flaw(parse_notice(to_groups({"good", ""})), Flaw::kInvalidField, "group_ids[1]");
  expect_flaw(parse_notice(to_members({std::string(257, 'x')})), Flaw::kInvalidField, "member_ids[0]");
  expect_flaw(parse_notice(to_members({"a", "b", "c\n"})), Flaw::kInvalidText, "member_ids[2]");
}

TEST(ParseNotice, needs_a_body) {
  auto event = announcement();
  event.mutable_notice_published()->clear_body();
  expect_flaw(parse_notice(event), Flaw::kMissingField, "body");
}

TEST(ParseNotice, bounds_title_and_body) {
  auto event = announcement();
  event.mutable_notice_published()->set_body(std::string(16'384, 'x'));
  event.mutable_notice_published()->set_title(std::string(256, 'x'));
  EXPECT_TRUE(parse_notice(event));
  event.mutable_notice_published()->set_title(std::string(257, 'x'));
  expect_flaw(parse_notice(event), Flaw::kInvalidField, "title");
  event = announcement();
  event.mutable_notice_published()->set_body(std::string(16'385, 'x'));
  expect_flaw(parse_notice(event), Flaw::kInvalidField, "body");
}

TEST(ParseNotice, tells_the_byte_that_a_stanza_could_not_carry) {
  auto event = announcement();
  event.mutable_notice_published()->set_body("bell \x07 rings");
  expect_flaw(parse_notice(event), Flaw::kInvalidText, "byte 5");
  event.mutable_notice_published()->set_body("lines\nand\ttabs are fine");
  EXPECT_TRUE(parse_notice(event));
  event.mutable_notice_published()->set_body("\xef\xbf\xbe");  // U+FFFE
  expect_flaw(parse_notice(event), Flaw::kInvalidText, "body");
  event = announcement();
  event.mutable_notice_published()->set_title("two\nlines");
  expect_flaw(parse_notice(event), Flaw::kInvalidText, "title");
}

TEST(ParseNotice, never_repeats_the_text_it_refuses) {
  auto event = announcement();
  event.mutable_notice_published()->set_body("confidential\x01");
  const auto parsed = parse_notice(event);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().text.find("confidential"), std::string::npos);
}

TEST(ParseNotice, refuses_a_subject) {
  auto event = announcement();
  event.set_subject("anna");
  expect_flaw(parse_notice(event), Flaw::kInvalidField, "subject");
}

TEST(ParseNotice, reads_the_expiry_to_the_millisecond) {
  auto event = announcement();
  auto& stamp = *event.mutable_notice_published()->mutable_expires_at();
  stamp.set_seconds(1'800'000'000);
  stamp.set_nanos(123'999'999);
  const auto notice = parse_notice(event);
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice.value().expires_at, WallTime(Milliseconds(1'800'000'000'123)));
}

TEST(ParseNotice, refuses_an_expiry_that_is_no_moment) {
  for (const auto& [seconds, nanos] : std::vector<std::pair<std::int64_t, int>>{
           {-1, 0}, {253'402'300'800, 0}, {INT64_MAX, 0}, {1, -1}, {1, 1'000'000'000}}) {
    auto event = announcement();
    event.mutable_notice_published()->mutable_expires_at()->set_seconds(seconds);
    event.mutable_notice_published()->mutable_expires_at()->set_nanos(nanos);
    expect_flaw(parse_notice(event), Flaw::kInvalidField, "expires_at");
  }
}

TEST(Expiry, is_the_deployments_default_or_lies_within_the_year_to_come) {
  const auto now = test::FakeClock::kStartWall;
  Notice notice;
  EXPECT_EQ(expiry_of(notice, now, std::chrono::hours(168)), now + std::chrono::hours(168));
  notice.expires_at = now + Milliseconds(1);
  EXPECT_EQ(expiry_of(notice, now, std::chrono::hours(168)), notice.expires_at);
  notice.expires_at = now;
  EXPECT_FALSE(expiry_of(notice, now, std::chrono::hours(168)));
  notice.expires_at = now + std::chrono::hours(24 * 366) + Milliseconds(1);
  EXPECT_FALSE(expiry_of(notice, now, std::chrono::hours(168)));
}

TEST(ParseFeedback, takes_a_receipt) {
  const auto parsed = parse_feedback(receipt());
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(parsed.value().bounced);
  ASSERT_TRUE(parsed.value().stanza);
  EXPECT_EQ(parsed.value().stanza->text(), kStanza);
  EXPECT_EQ(parsed.value().from.text(), "anna@site.test");
}

TEST(ParseFeedback, takes_a_bounce) {
  const auto parsed = parse_feedback(bounce("service-unavailable", "Nobody here"));
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed.value().bounced);
  EXPECT_EQ(parsed.value().condition, "service-unavailable");
  EXPECT_EQ(parsed.value().text, "Nobody here");
}

TEST(ParseFeedback, a_stanza_id_that_is_not_ours_is_no_mistake_of_the_gateway) {
  const auto parsed = parse_feedback(receipt("purple1234"));
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(parsed.value().stanza);
}

TEST(ParseFeedback, refuses_what_is_missing_or_wrong) {
  expect_flaw(parse_feedback(receipt("")), Flaw::kMissingField, "stanza_id");
  expect_flaw(parse_feedback(receipt(kStanza, "")), Flaw::kMissingField, "from");
  expect_flaw(parse_feedback(receipt(kStanza, "anna@site.test/phone")), Flaw::kInvalidJid, "from");
  expect_flaw(parse_feedback(receipt(kStanza, "Anna@site.test")), Flaw::kInvalidJid, "from");
  expect_flaw(parse_feedback(receipt(kStanza, "site.test")), Flaw::kInvalidJid, "from");
  expect_flaw(parse_feedback(bounce("")), Flaw::kMissingField, "condition");
  expect_flaw(parse_feedback(bounce("Service Unavailable")), Flaw::kInvalidField, "condition");
  expect_flaw(parse_feedback(bounce(std::string(65, 'a'))), Flaw::kInvalidField, "condition");
  expect_flaw(parse_feedback(bounce("gone", std::string(257, 'a'))), Flaw::kInvalidField, "text");
  expect_flaw(parse_feedback(bounce("gone", "\x01")), Flaw::kInvalidText, "text");
  auto event = receipt();
  event.set_subject("anna");
  expect_flaw(parse_feedback(event), Flaw::kInvalidField, "subject");
  expect_flaw(parse_feedback(announcement()), Flaw::kUnknownType, "receipt");
}

}  // namespace
}  // namespace rostrum::notification
