// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zmq.hpp>

#include "common/bus/socket_profile.hpp"
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

TEST_F(EventLink, loses_nothing_when_the_intake_dies_and_comes_back_on_the_same_port) {
  const auto forum = admit("forum", "member_removed");
  auto intake = std::make_unique<TakingIntake>(reactor_, random_, *authenticator_, bind_settings());
  const auto endpoint = (*intake)->endpoint();
  Site site(reactor_, random_, connect_settings({endpoint}, forum));
  until("the site has credit", [&] { return site->credit() > 0; });
  intake->hold();
  for (int i = 0; i < 500; ++i) ASSERT_EQ(site.remove_member("anna"), Offer::kTaken);
  until("all has arrived", [&] { return (*intake)->waiting() == 500; });
  intake.reset();  // with everything it held
  until("the site notices", [&] { return site.told(LinkEvent::Kind::kLost); });
  EXPECT_EQ(site.remove_member("anna"), Offer::kNotNow);
  // The old socket gives its port back in its own time.
  until("the port is free again", [&] {
    try {
      intake = std::make_unique<TakingIntake>(reactor_, random_, *authenticator_, bind_settings(endpoint));
    } catch (const std::runtime_error&) {
    }
    return intake != nullptr;
  });
  until("all is answered", [&] { return site->unanswered() == 0; });
  EXPECT_EQ(site.count(Status::kAccepted), 500U);
  EXPECT_EQ(intake->order, site.offered);
}

TEST_F(EventLink, hears_the_answers_of_an_intake_that_ends_right_after_them) {
  const auto forum = admit("forum", "member_removed");
  for (int round = 0; round < 8; ++round) {  // in which order libzmq's threads get there is chance
    SCOPED_TRACE(round);
    auto intake = std::make_unique<TakingIntake>(reactor_, random_, *authenticator_, bind_settings());
    Site site(reactor_, random_, connect_settings({(*intake)->endpoint()}, forum));
    until("the site has credit", [&] { return site->credit() > 0; });
    intake->hold();
    for (int i = 0; i < 40; ++i) ASSERT_EQ(site.remove_member("anna"), Offer::kTaken);
    until("all has arrived", [&] { return (*intake)->waiting() == 40; });
    intake->release();
    intake.reset();
    // We are busy with something else while all of it comes; what is waited for would wake us.
    std::this_thread::sleep_for(milliseconds{100});
    site.remove_member("ben");  // libzmq takes note of what has come, and wakes nobody for it
    until(
        "all is answered", [&] { return site.count(Status::kAccepted) == 40; }, milliseconds{2'000});
  }
}

TEST_F(EventLink, turns_to_the_second_intake_when_the_first_does_not_come_back) {
  const auto forum = admit("forum", "member_removed");
  auto first = std::make_unique<TakingIntake>(reactor_, random_, *authenticator_, bind_settings());
  TakingIntake second(reactor_, random_, *authenticator_, bind_settings());
  Site site(reactor_, random_, connect_settings({(*first)->endpoint(), second->endpoint()}, forum));
  until("the site has credit", [&] { return site->credit() > 0; });
  first->hold();
  for (int i = 0; i < 50; ++i) ASSERT_EQ(site.remove_member("anna"), Offer::kTaken);
  until("all has arrived", [&] { return (*first)->waiting() == 50; });
  EXPECT_EQ(second->peers(), 0U) << "one endpoint in use at a time";
  first.reset();
  until("all is answered", [&] { return site->unanswered() == 0; });
  EXPECT_EQ(second.order, site.offered);
}

TEST_F(EventLink, turns_to_the_second_intake_when_the_first_takes_the_connection_but_says_nothing) {
  const auto forum = admit("forum", "member_removed");
  zmq::socket_t mute(reactor_.context(), zmq::socket_type::router);
  apply_profile(mute, {server_, std::nullopt}, kMaxAnswerBytes);
  mute.bind("tcp://127.0.0.1:*");
  TakingIntake second(reactor_, random_, *authenticator_, bind_settings());
  Site site(reactor_, random_,
            connect_settings({mute.get(zmq::sockopt::last_endpoint), second->endpoint()}, forum));
  until("the site has credit", [&] { return site->credit() > 0; });
  EXPECT_EQ(second->peers(), 1U);
}

TEST_F(EventLink, closed_gives_no_credit_and_opened_gives_it_at_once) {
  const auto forum = admit("forum", "member_removed");
  TakingIntake intake(reactor_, random_, *authenticator_, bind_settings());
  intake->set_open(false);
  Site site(reactor_, random_, connect_settings({intake->endpoint()}, forum));
  until("the site is welcome", [&] { return site->connected(); });
  turn_for(milliseconds{1'600});
  EXPECT_EQ(site.remove_member("anna"), Offer::kNotNow);
  EXPECT_TRUE(site->connected()) << "signs of life go on, for longer than the answer deadline";
  intake->set_open(true);
  until(
      "there is credit", [&] { return site->credit() > 0; }, milliseconds{500});
}

TEST_F(EventLink, says_not_now_as_soon_as_the_intake_closes_and_loses_nothing_that_was_taken) {
  const auto forum = admit("forum", "member_removed");
  TakingIntake intake(reactor_, random_, *authenticator_, bind_settings());
  Site site(reactor_, random_, connect_settings({intake->endpoint()}, forum));
  until("the site has credit", [&] { return site->credit() > 0; });
  intake.hold();
  for (int i = 0; i < 300; ++i) ASSERT_EQ(site.remove_member("anna"), Offer::kTaken);
  intake->set_open(false);
  EXPECT_EQ(intake->flow().granted, Load{});
  until(
      "the site hears of it", [&] { return site.pauses == 1; }, milliseconds{500});
  EXPECT_EQ(site->credit(), 0U);
  const auto before = clock_.mono();
  EXPECT_EQ(site.remove_member("anna"), Offer::kNotNow);
  EXPECT_LT(clock_.mono() - before, milliseconds{1});
  turn_for(milliseconds{1'600});
  EXPECT_TRUE(site->connected()) << "signs of life go on, for longer than the answer deadline";
  EXPECT_EQ(site.remove_member("anna"), Offer::kNotNow) << "for as long as it is closed";
  EXPECT_EQ(site.pauses, 1) << "told once";
  EXPECT_EQ(site->unanswered(), 300U);
  EXPECT_EQ(site.credits, 1);
  intake->set_open(true);
  until(
      "there is credit", [&] { return site.credits == 2; }, milliseconds{500});
  EXPECT_EQ(site.remove_member("anna"), Offer::kTaken);
  intake.release();
  until("all is answered", [&] { return site->unanswered() == 0; });
  EXPECT_EQ(intake.order, site.offered);
  EXPECT_EQ(site.count(Status::kAccepted), 301U);
}

TEST_F(EventLink, forgets_a_peer_that_is_gone) {
  const auto forum = admit("forum", "member_removed");
  TakingIntake intake(reactor_, random_, *authenticator_, bind_settings());
  {
    Site site(reactor_, random_, connect_settings({intake->endpoint()}, forum));
    until("the site is welcome", [&] { return intake->peers() == 1; });
  }
  until("it is forgotten", [&] { return intake->peers() == 0; });
}

TEST_F(EventLink, one_publisher_does_not_starve_another) {
  const auto forum = admit("forum", "member_removed");
  const auto shop = admit("shop", "member_removed");
  LinkLimits limits;
  limits.window = 1'000;
  TakingIntake intake(reactor_, random_, *authenticator_, bind_settings("tcp://127.0.0.1:*", limits));
  Site busy(reactor_, random_, connect_settings({intake->endpoint()}, forum));
  Site quiet(reactor_, random_, connect_settings({intake->endpoint()}, shop));
  until("both have credit", [&] { return busy->credit() > 0 && quiet->credit() > 0; });
  milliseconds slowest{0};
  for (int i = 0; i < 20; ++i) {
    while (busy.remove_member("anna", 200) == Offer::kTaken) {
    }
    const auto before = clock_.mono();
    ASSERT_EQ(quiet.remove_member("bert"), Offer::kTaken);
    until("the quiet one is answered", [&] { return quiet->unanswered() == 0; });
    slowest = std::max(slowest, std::chrono::ceil<milliseconds>(clock_.mono() - before));
  }
  EXPECT_LT(slowest, milliseconds{500});
  EXPECT_GT(busy.count(Status::kAccepted), 1'000U);
}

TEST_F(EventLink, stops_reading_when_too_much_waits_and_goes_on_afterwards) {
  const auto forum = admit("forum", "member_removed");
  LinkLimits limits;
  limits.window_total_bytes = 20'000;  // each of the sites gets room for one event of 64 KiB all the same
  TakingIntake intake(reactor_, random_, *authenticator_, bind_settings("tcp://127.0.0.1:*", limits));
  intake.hold();
  std::vector<std::unique_ptr<Site>> sites;
  sites.reserve(10);
  for (int i = 0; i < 10; ++i)
    sites.push_back(std::make_unique<Site>(reactor_, random_, connect_settings({intake->endpoint()}, forum)));
  for (auto& site : sites) until("it has credit", [&] { return (*site)->credit() > 0; });
  for (auto& site : sites) {
    for (int i = 0; i < 15; ++i) ASSERT_EQ(site->remove_member("anna", 4'000), Offer::kTaken);
  }
  until("no more is read", [&] { return intake->flow().waiting.bytes >= limits.window_total_bytes; });
  turn_for(milliseconds{300});
  EXPECT_LT(intake->flow().waiting.bytes, limits.window_total_bytes + limits.max_frame_bytes);
  intake.release();
  until("all is answered", [&] {
    return std::all_of(sites.begin(), sites.end(), [](auto& site) { return (*site)->unanswered() == 0; });
  });
  EXPECT_EQ(intake.order.size(), 150U);
}

TEST_F(EventLink, says_not_now_when_its_bytes_are_used_up_and_tells_when_there_are_more) {
  const auto forum = admit("forum", "member_removed");
  LinkLimits limits;
  limits.window_bytes = 100'000;
  TakingIntake intake(reactor_, random_, *authenticator_, bind_settings("tcp://127.0.0.1:*", limits));
  intake.hold();
  Site site(reactor_, random_, connect_settings({intake->endpoint()}, forum));
  until("the site has credit", [&] { return site->credit() > 0; });
  while (site.remove_member("anna", 30'000) == Offer::kTaken) {
  }
  EXPECT_EQ(site.offered.size(), 3U);
  EXPECT_GT(site->credit(), 4'000U) << "of events";
  const auto credits = site.credits;
  turn_for(milliseconds{50});
  EXPECT_EQ(site.credits, credits);
  intake.release();
  until("there is room again for what was refused", [&] { return site.credits > credits; });
  EXPECT_EQ(site.remove_member("anna", 30'000), Offer::kTaken);
  until("all is answered", [&] { return site->unanswered() == 0; });
  EXPECT_EQ(site.count(Status::kAccepted), 4U);
}

TEST_F(EventLink, rejects_each_event_by_itself_and_says_why) {
  const auto forum = admit("forum", "member_removed");
  TakingIntake intake(reactor_, random_, *authenticator_, bind_settings());
  Site site(reactor_, random_, connect_settings({intake->endpoint()}, forum));
  until("the site has credit", [&] { return site->credit() > 0; });
  const auto offer = [&](const std::function<void(v1::Event&)>& change, milliseconds age = milliseconds{0}) {
    const auto id = EventId::make(clock_.wall() - age, random_);
    v1::Event event;
    event.set_id(id.to_bytes());
    event.mutable_member_removed();
    change(event);
    EXPECT_EQ(site.offer(id, event), Offer::kTaken);
  };
  offer([](v1::Event& event) { event.set_source("shop"); });
  offer([](v1::Event& event) { event.mutable_member_upserted(); });
  offer([](v1::Event& event) { event.mutable_notice_published(); });
  offer([](v1::Event&) {}, std::chrono::hours{24 * 8});
  offer([](v1::Event&) {});
  until("all is answered", [&] { return site->unanswered() == 0; });
  std::vector<int> codes;
  for (const auto& outcome : site.outcomes) {
    codes.push_back(outcome.rejection_code);
    EXPECT_EQ(outcome.text.empty(), outcome.rejection_code == 0);
  }
  EXPECT_THAT(codes, testing::UnorderedElementsAre(
                         v1::REJECTION_CODE_FOREIGN_SOURCE, v1::REJECTION_CODE_NOT_AUTHORIZED,
                         v1::REJECTION_CODE_UNKNOWN_TYPE, v1::REJECTION_CODE_ID_OUTSIDE_HORIZON, 0));
  EXPECT_EQ(intake.order.size(), 1U);
  EXPECT_EQ(intake.rejected.size(), 4U);
}

}  // namespace
}  // namespace rostrum::bus::test
