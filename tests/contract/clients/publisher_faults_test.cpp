// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tests/contract/clients/publisher_fixture.hpp"

namespace rostrum {
namespace {

using Clock = std::chrono::steady_clock;
using Status = Outcome::Status;

/// The middle one of many calls, so that a busy machine does not fail the test.
milliseconds median_time_to_be_refused(Publisher& publisher) {
  std::vector<Clock::duration> times;
  for (int i = 0; i < 51; ++i) {
    const auto begin = Clock::now();
    const auto ticket = publisher.publish(group("editors"));
    times.push_back(Clock::now() - begin);
    EXPECT_TRUE(ticket.outcome() && ticket.outcome()->status == Status::kNotNow);
  }
  std::nth_element(times.begin(), times.begin() + 25, times.end());
  return std::chrono::ceil<milliseconds>(times[25]);
}

TEST_F(PublisherTest, says_not_now_within_a_millisecond_when_nobody_is_there) {
  start_registration();
  auto away = settings();
  registration_.reset();
  Publisher publisher(std::move(away));
  EXPECT_LE(median_time_to_be_refused(publisher), milliseconds(1));
  EXPECT_FALSE(publisher.wait_for_credit(milliseconds(50)));
  EXPECT_EQ(publisher.unanswered(), 0U);
}

TEST_F(PublisherTest, says_not_now_within_a_millisecond_while_the_intake_is_closed) {
  auto closed = intake_settings();
  closed.open = false;
  start_registration(std::move(closed));
  Publisher publisher(settings());
  EXPECT_FALSE(publisher.wait_for_credit(milliseconds(500)));
  EXPECT_LE(median_time_to_be_refused(publisher), milliseconds(1));
  registration_->set_open(true);
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));
  EXPECT_EQ(outcome_of(publisher.publish(group("editors"))).status, Status::kAccepted);
}

TEST_F(PublisherTest, says_not_now_within_a_millisecond_as_soon_as_the_intake_closes) {
  start_registration();
  Publisher publisher(settings());
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));
  EXPECT_EQ(outcome_of(publisher.publish(group("before"))).status, Status::kAccepted);
  EXPECT_GT(publisher.flow().credit_events, 1'000U);
  registration_->set_open(false);
  const auto deadline = Clock::now() + milliseconds(500);
  while (publisher.flow().credit_events > 0) ASSERT_LT(Clock::now(), deadline);
  EXPECT_EQ(publisher.flow().credit_bytes, 0U);
  EXPECT_LE(median_time_to_be_refused(publisher), milliseconds(1));
  EXPECT_FALSE(publisher.wait_for_credit(milliseconds(50)));
  registration_->set_open(true);
  ASSERT_TRUE(publisher.wait_for_credit(milliseconds(500)));
  EXPECT_EQ(outcome_of(publisher.publish(group("after"))).status, Status::kAccepted);
  EXPECT_EQ(ledger_.ids().size(), 2U);
}

TEST_F(PublisherTest, says_not_now_when_the_intakes_window_is_full) {
  auto slow = intake_settings();
  slow.answering = false;
  slow.limits.window = 8;
  start_registration(std::move(slow));
  Publisher publisher(settings());
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));
  std::size_t taken = 0;
  for (int i = 0; i < 30; ++i) taken += publisher.publish(group(std::to_string(i))).outcome() ? 0 : 1;
  EXPECT_EQ(taken, 8U);
  EXPECT_EQ(publisher.unanswered(), 8U);
  EXPECT_LE(median_time_to_be_refused(publisher), milliseconds(1));
}

TEST_F(PublisherTest, says_not_now_within_a_millisecond_when_the_bytes_of_the_intakes_window_are_used_up) {
  auto slow = intake_settings();
  slow.answering = false;
  slow.limits.window_bytes = 1'000;
  start_registration(std::move(slow));
  Publisher publisher(settings());
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));
  EXPECT_EQ(publisher.flow().credit_bytes, 1'000U);
  std::size_t taken = 0;
  while (!publisher.publish(group(std::string(150, 'g'))).outcome()) ++taken;
  EXPECT_GE(taken, 2U);
  EXPECT_LE(taken, 6U);
  EXPECT_EQ(publisher.flow().unanswered_events, taken);
  EXPECT_GT(publisher.flow().unanswered_bytes, taken * 150);
  EXPECT_LE(publisher.flow().unanswered_bytes, 1'000U);
  EXPECT_FALSE(publisher.wait_for_credit(milliseconds(50))) << "for an event like the last";
  while (!publisher.publish(group("small")).outcome()) ++taken;
  EXPECT_LE(median_time_to_be_refused(publisher), milliseconds(1));
}

TEST_F(PublisherTest, rejects_what_is_larger_than_any_credit_instead_of_saying_not_now) {
  auto small = intake_settings();
  small.limits.window_bytes = 1'000;
  small.limits.max_event_bytes = 1'000;
  start_registration(std::move(small));
  Publisher publisher(settings());
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));
  EXPECT_EQ(outcome_of(publisher.publish(group(std::string(2'000, 'g')))).code, "TOO_LARGE");
}

TEST_F(PublisherTest, holds_no_more_than_its_own_limits_allow) {
  auto slow = intake_settings();
  slow.answering = false;
  start_registration(std::move(slow));
  auto small = settings();
  small.max_unanswered = 3;
  Publisher publisher(std::move(small));
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(publisher.publish(group(std::to_string(i))).outcome());
  EXPECT_EQ(outcome_of(publisher.publish(group("4"))).status, Status::kNotNow);

  auto few_bytes = settings();
  few_bytes.max_unanswered_bytes = 1'000;
  Publisher other(std::move(few_bytes));
  ASSERT_TRUE(other.wait_for_credit(kPatience));
  EXPECT_FALSE(other.publish(group_upserted("1", std::string(800, 'x'))).outcome());
  EXPECT_EQ(outcome_of(other.publish(group_upserted("2", std::string(800, 'x')))).status, Status::kNotNow);
}

TEST_F(PublisherTest, sends_again_in_order_what_a_dead_intake_did_not_answer) {
  auto dying = intake_settings();
  dying.answering = false;
  start_registration(std::move(dying));
  auto quick = settings();
  quick.answer_deadline = milliseconds(1'500);
  Publisher publisher(std::move(quick));
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));
  std::vector<Ticket> tickets;
  tickets.reserve(50);
  for (int i = 0; i < 50; ++i) tickets.push_back(publisher.publish(group(std::to_string(i))));
  ASSERT_TRUE(has_seen(50));  // what had not left yet would be "not now"

  auto reborn = intake_settings();
  reborn.listen = registration_->endpoint();
  registration_.reset();
  EXPECT_FALSE(publisher.flush(milliseconds(10)));
  start_registration(std::move(reborn));

  std::vector<std::string> wanted;
  for (const auto& ticket : tickets) {
    EXPECT_EQ(outcome_of(ticket).status, Status::kAccepted);
    wanted.push_back(ticket.event_id());
  }
  std::vector<std::string> committed;
  for (const auto& id : ledger_.ids()) committed.push_back(id.to_string());
  EXPECT_EQ(committed, wanted);
}

TEST_F(PublisherTest, gets_credit_from_a_restarted_intake_that_gives_it_only_later) {
  start_registration();
  Publisher publisher(settings());
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));

  auto reborn = intake_settings();
  reborn.listen = registration_->endpoint();
  reborn.open = false;  // its database is not there yet
  registration_.reset();
  // Until the publisher has noticed, it still has the old conversation's credit.
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (publisher.wait_for_credit(milliseconds(0))) ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  start_registration(std::move(reborn));
  EXPECT_FALSE(publisher.wait_for_credit(milliseconds(1'000)));
  registration_->set_open(true);
  EXPECT_TRUE(publisher.wait_for_credit(kPatience));
}

TEST_F(PublisherTest, turns_to_the_next_endpoint_when_one_does_not_answer) {
  start_registration();
  auto two = settings();
  two.registration.endpoints = {"tcp://127.0.0.1:9", registration_->endpoint()};
  two.answer_deadline = milliseconds(500);
  Publisher publisher(std::move(two));
  ASSERT_TRUE(publisher.wait_for_credit(kPatience));
  EXPECT_EQ(outcome_of(publisher.publish(group("editors"))).status, Status::kAccepted);
}

TEST_F(PublisherTest, gets_nowhere_with_a_key_that_nobody_knows_and_says_why) {
  start_registration();
  auto stranger = settings();
  stranger.source_key_file = file("keys/stranger.secret");
  std::mutex mutex;
  std::string news;
  stranger.on_link = [&](std::string_view text) {
    const std::lock_guard lock(mutex);
    news += std::string(text) + "\n";
  };
  {
    Publisher publisher(std::move(stranger));
    EXPECT_FALSE(publisher.wait_for_credit(milliseconds(1'000)));
    EXPECT_EQ(outcome_of(publisher.publish(group("editors"))).status, Status::kNotNow);
  }
  EXPECT_NE(news.find("refused"), std::string::npos) << news;
  EXPECT_EQ(registration_->seen(), 0U);
}

TEST_F(PublisherTest, ends_within_a_second_and_closes_the_tickets_that_are_left) {
  auto slow = intake_settings();
  slow.answering = false;
  start_registration(std::move(slow));
  std::atomic<int> closed = 0;
  auto with_callback = settings();
  with_callback.on_outcome = [&closed](const Outcome& outcome) {
    closed += outcome.status == Status::kClosed ? 1 : 0;
  };
  auto publisher = std::make_unique<Publisher>(std::move(with_callback));
  ASSERT_TRUE(publisher->wait_for_credit(kPatience));
  std::vector<Ticket> tickets;
  tickets.reserve(20);
  for (int i = 0; i < 20; ++i) tickets.push_back(publisher->publish(group(std::to_string(i))));
  EXPECT_FALSE(publisher->flush(milliseconds(20)));
  EXPECT_FALSE(tickets.front().wait_for(milliseconds(20)));

  const auto begin = Clock::now();
  publisher.reset();
  EXPECT_LT(Clock::now() - begin, seconds(1));
  for (const auto& ticket : tickets) {
    ASSERT_TRUE(ticket.outcome());
    EXPECT_EQ(ticket.outcome()->status, Status::kClosed);
  }
  EXPECT_EQ(closed, 20);
}

TEST_F(PublisherTest, wakes_whoever_waits_for_a_ticket_when_it_is_closed) {
  auto slow = intake_settings();
  slow.answering = false;
  start_registration(std::move(slow));
  auto publisher = std::make_unique<Publisher>(settings());
  ASSERT_TRUE(publisher->wait_for_credit(kPatience));
  const auto ticket = publisher->publish(group("editors"));
  std::thread closer([&publisher] { publisher.reset(); });
  EXPECT_EQ(outcome_of(ticket).status, Status::kClosed);
  closer.join();
}

TEST_F(PublisherTest, can_wait_for_ages) {
  start_registration();
  Publisher publisher(settings());
  EXPECT_TRUE(publisher.wait_for_credit(milliseconds::max()));
  EXPECT_TRUE(publisher.publish(group("editors")).wait_for(milliseconds::max()));
  EXPECT_TRUE(publisher.flush(milliseconds::max()));
}

}  // namespace
}  // namespace rostrum
