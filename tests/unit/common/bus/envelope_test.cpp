// SPDX-License-Identifier: Apache-2.0
#include "common/bus/envelope.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/common/bus/conversation.hpp"

namespace rostrum::bus::test {
namespace {

class EnvelopeTest : public testing::Test {
 protected:
  v1::Event good() { return removal(EventId::make(clock_.wall(), random_)); }
  Result<Envelope, EnvelopeFault> check(const v1::Event& event, const AuthorizedKey& sender) {
    return check_envelope(event.SerializeAsString(), sender, {limits_, served_}, clock_.wall());
  }
  void expect_fault(const v1::Event& event, EnvelopeRejection code, const std::string& words) {
    const auto checked = check(event, forum_);
    ASSERT_FALSE(checked.ok());
    EXPECT_EQ(checked.error().code, code) << checked.error().text;
    EXPECT_THAT(checked.error().text, testing::HasSubstr(words));
    EXPECT_EQ(checked.error().id, event.id());
  }

  FakeClock clock_;
  SeededRandom random_{1};
  LinkLimits limits_;
  std::set<std::string, std::less<>> served_{"member_removed", "group_removed"};
  AuthorizedKey forum_ = key_of("forum", {"member_removed", "notice_published"});
};

TEST_F(EnvelopeTest, that_is_good_gives_id_and_type) {
  auto event = good();
  event.set_source("forum");
  const auto checked = check(event, forum_);
  ASSERT_TRUE(checked.ok()) << checked.error().text;
  EXPECT_EQ(checked.value().id.to_bytes(), event.id());
  EXPECT_EQ(checked.value().type, "member_removed");
}

TEST_F(EnvelopeTest, too_large_is_rejected_by_its_id) {
  auto event = good();
  event.set_traceparent(std::string(limits_.max_event_bytes, 'x'));
  expect_fault(event, EnvelopeRejection::kTooLarge, "at most 65536");
}

TEST_F(EnvelopeTest, malformed_is_rejected_by_its_id_as_long_as_that_can_be_read) {
  const auto id = good().id();
  const auto checked =
      check_envelope("\x0a\x10" + id + "\x12\x01\xff", forum_, {limits_, served_}, clock_.wall());
  ASSERT_FALSE(checked.ok()) << "source is not UTF-8";
  EXPECT_EQ(checked.error().code, EnvelopeRejection::kMalformed);
  EXPECT_EQ(checked.error().id, id);
  const auto garbage = check_envelope("garbage", forum_, {limits_, served_}, clock_.wall());
  EXPECT_EQ(garbage.error().code, EnvelopeRejection::kMalformed);
  EXPECT_TRUE(garbage.error().id.empty());
}

TEST_F(EnvelopeTest, must_have_a_uuid_of_version_seven) {
  auto event = good();
  event.set_id(Uuid::make_v4(random_).to_bytes());
  expect_fault(event, EnvelopeRejection::kInvalidId, "UUIDv7");
  event.set_id("0190163d-8694-739b-aea5-966c26f8ad91");
  expect_fault(event, EnvelopeRejection::kInvalidId, "16 bytes");
  event.set_id(std::string(65, 'x'));
  EXPECT_EQ(check(event, forum_).error().id, "") << "too long to be given back";
}

TEST_F(EnvelopeTest, must_lie_within_the_horizon) {
  const auto at = [&](milliseconds age) { return removal(EventId::make(clock_.wall() - age, random_)); };
  EXPECT_TRUE(check(at(limits_.horizon), forum_).ok());
  expect_fault(at(limits_.horizon + milliseconds{1}), EnvelopeRejection::kIdOutsideHorizon,
               "older than the horizon");
  EXPECT_TRUE(check(at(-kMaxAhead), forum_).ok());
  expect_fault(at(-kMaxAhead - milliseconds{1}), EnvelopeRejection::kIdOutsideHorizon, "in the future");
}

TEST_F(EnvelopeTest, must_not_claim_another_source) {
  auto event = good();
  event.set_source("shop");
  expect_fault(event, EnvelopeRejection::kForeignSource, "'shop' is not the name of your key, 'forum'");
}

TEST_F(EnvelopeTest, must_have_a_type_that_is_known_and_served) {
  auto event = good();
  event.clear_payload();
  expect_fault(event, EnvelopeRejection::kUnknownType, "upgrade the intake");
  event.GetReflection()->MutableUnknownFields(&event)->AddLengthDelimited(999, "a later version's payload");
  expect_fault(event, EnvelopeRejection::kUnknownType, "upgrade the intake");
  event = good();
  event.mutable_notice_published();
  expect_fault(event, EnvelopeRejection::kUnknownType, "'notice_published' is not taken by this intake");
}

TEST_F(EnvelopeTest, must_come_from_a_key_that_may_send_it) {
  auto event = good();
  event.mutable_group_removed();
  expect_fault(event, EnvelopeRejection::kNotAuthorized, "add 'group_removed' to its allow line");
}

TEST_F(EnvelopeTest, must_hold_nothing_this_version_does_not_know) {
  auto event = good();
  event.GetReflection()->MutableUnknownFields(event.mutable_member_removed())->AddVarint(7, 1);
  expect_fault(event, EnvelopeRejection::kMalformed, "a field this version does not know");
}

}  // namespace
}  // namespace rostrum::bus::test
