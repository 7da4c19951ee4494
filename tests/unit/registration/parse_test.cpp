// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/registration/core/parse.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"

namespace rostrum::registration {
namespace {

using intake::IntakeEvent;

class Parse : public testing::Test {
 protected:
  Parse() {
    rules.domains = {"example.org"};
    rules.reserved = {Jid::parse("site@example.org").value()};
    event.set_subject("anna");
    event.set_revision(1);
  }
  v1::MemberUpserted& member() {
    auto& member = *event.mutable_member_upserted();
    member.set_jid("anna@example.org");
    member.set_sealed_password("sealed");
    return member;
  }
  Result<Event, intake::Rejection> read() {
    return parse(IntakeEvent{EventId::make(clock.wall(), random), "forum", "", event}, rules);
  }
  /// "INVALID_JID jid: …"
  std::string rejection() {
    const auto result = read();
    if (result) return "none";
    return v1::RejectionCode_Name(result.error().code).substr(std::string("REJECTION_CODE_").size()) + " " +
           result.error().text;
  }
  void expect_rejection(const std::string& beginning) {
    EXPECT_EQ(rejection().substr(0, beginning.size()), beginning);
  }

  SeededRandom random{1};
  test::FakeClock clock;
  JidRules rules;
  v1::Event event;
};

TEST_F(Parse, reads_a_member_with_its_groups_sorted_and_once) {
  auto& stated = member();
  stated.set_display_name("Anna");
  for (const auto* group : {"staff", "board", "staff"}) stated.add_group_ids(group);
  const auto result = read();
  ASSERT_TRUE(result) << result.error().text;
  const auto& read_member = std::get<MemberStated>(result.value());
  EXPECT_EQ(read_member.id.text(), "anna");
  EXPECT_EQ(read_member.jid.text(), "anna@example.org");
  ASSERT_EQ(read_member.groups.size(), 2U);
  EXPECT_EQ(read_member.groups[0].text(), "board");
}

TEST_F(Parse, names_the_field_that_is_missing) {
  event.mutable_member_removed();
  event.set_revision(0);
  expect_rejection("MISSING_FIELD revision");
  event.set_revision(1);
  event.clear_subject();
  expect_rejection("MISSING_FIELD subject");
  event.set_subject("anna");
  event.mutable_member_upserted();
  expect_rejection("MISSING_FIELD jid");
  event.mutable_password_changed();
  expect_rejection("MISSING_FIELD sealed_password");
}

TEST_F(Parse, refuses_jids_that_no_member_can_have) {
  member().set_jid("Anna@example.org");
  expect_rejection("INVALID_JID jid");
  member().set_jid("anna@example.org/phone");
  expect_rejection("INVALID_JID jid");
  member().set_jid("anna@elsewhere.org");
  expect_rejection("FOREIGN_DOMAIN jid");
  member().set_jid("site@example.org");
  expect_rejection("RESERVED_JID jid");
}

TEST_F(Parse, refuses_texts_that_cannot_be_carried_or_are_too_long) {
  member().set_display_name("An\x07na");
  expect_rejection("INVALID_TEXT display_name: byte 2");
  member().set_display_name(std::string(257, 'a'));
  expect_rejection("INVALID_FIELD display_name");
  event.mutable_group_upserted()->set_title("a\nb");
  expect_rejection("INVALID_TEXT title");
  event.set_subject(std::string(257, 'a'));
  expect_rejection("INVALID_FIELD subject");
}

TEST_F(Parse, bounds_groups_passwords_and_revisions) {
  for (int i = 0; i < 257; ++i) member().add_group_ids("g" + std::to_string(i));
  expect_rejection("INVALID_FIELD group_ids");
  member().clear_group_ids();
  member().add_group_ids("");
  expect_rejection("MISSING_FIELD group_ids");
  member().clear_group_ids();
  member().set_sealed_password(std::string(1'025, 'a'));
  expect_rejection("INVALID_FIELD sealed_password");
  event.mutable_member_removed();
  event.set_revision(1ULL << 63U);
  expect_rejection("INVALID_FIELD revision");
}

TEST_F(Parse, reads_what_a_gateway_saw_without_asking_whose_jid_it_is) {
  event.set_subject("site@example.org");
  event.set_revision(0);
  event.mutable_account_vanished();
  const auto result = read();
  ASSERT_TRUE(result);
  EXPECT_EQ(std::get<AccountWent>(result.value()).at, clock.wall());
  event.set_subject("not a jid");
  expect_rejection("INVALID_JID subject");
}

TEST_F(Parse, refuses_payloads_of_other_services) {
  event.mutable_notice_published();
  expect_rejection("UNKNOWN_TYPE");
  event.clear_payload();
  expect_rejection("UNKNOWN_TYPE");
}

TEST_F(Parse, wants_passwords_that_a_client_can_type_and_a_stanza_can_carry) {
  EXPECT_FALSE(check_password("correct horse battery staple"));
  EXPECT_TRUE(check_password(""));
  EXPECT_TRUE(check_password("a\nb"));
  EXPECT_TRUE(check_password("\xff"));
  EXPECT_TRUE(check_password(std::string(2'000, 'a')));
  EXPECT_EQ(check_password("\x01secret")->text.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace rostrum::registration
