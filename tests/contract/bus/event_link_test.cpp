// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/bus/bus_fixture.hpp"

namespace rostrum::bus::test {
namespace {

using Status = EventOutcome::Status;

class EventLink : public BusTest {};

TEST_F(EventLink, carries_events_in_order_and_answers_each_once) {
  const auto forum = admit("forum", "member_removed");
  TakingIntake intake(reactor_, random_, *authenticator_, bind_settings());
  Site site(reactor_, random_, connect_settings({intake->endpoint()}, forum));
  until("the site has credit", [&] { return site->credit() > 0; });
  EXPECT_EQ(site.credits, 1);
  for (int i = 0; i < 2'000; ++i) ASSERT_EQ(site.remove_member("anna"), Offer::kTaken);
  until("all is answered", [&] { return site->unanswered() == 0; });
  EXPECT_EQ(site.count(Status::kAccepted), 2'000U);
  EXPECT_EQ(intake.order, site.offered);
  EXPECT_THAT(intake.sources, testing::Each("forum"));
  EXPECT_EQ(intake->waiting(), 0U);
}

TEST_F(EventLink, says_not_now_at_once_when_credit_is_used_up) {
  const auto forum = admit("forum", "member_removed");
  LinkLimits limits;
  limits.window = 10;
  TakingIntake intake(reactor_, random_, *authenticator_, bind_settings("tcp://127.0.0.1:*", limits));
  intake.hold();
  Site site(reactor_, random_, connect_settings({intake->endpoint()}, forum));
  EXPECT_EQ(site.remove_member("anna"), Offer::kNotNow) << "not connected yet";
  until("the site has credit", [&] { return site->credit() == 10; });
  for (int i = 0; i < 10; ++i) ASSERT_EQ(site.remove_member("anna"), Offer::kTaken);
  const auto before = clock_.mono();
  EXPECT_EQ(site.remove_member("anna"), Offer::kNotNow);
  EXPECT_LT(clock_.mono() - before, milliseconds{1});
  EXPECT_EQ(site->unanswered(), 10U);
  until("all has arrived", [&] { return intake->waiting() == 10; });
  intake.release();
  until("there is credit again", [&] { return site.credits == 2; });
  EXPECT_EQ(site.remove_member("anna"), Offer::kTaken);
  until("all is answered", [&] { return site.count(Status::kAccepted) == 11; });
}

}  // namespace
}  // namespace rostrum::bus::test
