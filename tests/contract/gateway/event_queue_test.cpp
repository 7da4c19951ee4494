// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/event_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/bus/bus_fixture.hpp"

namespace rostrum::gateway {
namespace {

using testing::HasSubstr;

std::size_t count(const std::string& text, const std::string& words) {
  std::size_t sum = 0;
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++sum;
  return sum;
}

/// A gateway's queue to a notification service that is closed at first, as while its database is away.
class EventQueueTest : public bus::test::BusTest {
 protected:
  void SetUp() override { testing::internal::CaptureStderr(); }
  void TearDown() override {
    if (!captured_) testing::internal::GetCapturedStderr();
  }
  /// What was logged; once.
  std::string logged() {
    captured_ = true;
    return testing::internal::GetCapturedStderr();
  }
  void connect(bus::LinkLimits limits = {}) {
    const auto key = admit("gateway", "message_bounced");
    intake_.emplace(reactor_, random_, *authenticator_, bind_settings("tcp://127.0.0.1:*", limits),
                    std::vector<std::string>{"message_bounced"},
                    bus::EventIntake::Handlers{.on_gathered = [this] { take(); }});
    intake_->set_open(false);
    queue_.emplace(reactor_, random_, log_, registry_, "notification",
                   connect_settings({intake_->endpoint()}, key));
    until("it is welcome", [&] { return queue_->connected(); });
  }
  void take() {
    using Conclusion = bus::EventIntake::Conclusion;
    for (auto events = intake_->take(256, 1 << 20); !events.empty(); events = intake_->take(256, 1 << 20)) {
      std::vector<Conclusion> conclusions;
      for (const auto& one : events) {
        v1::Event event;
        EXPECT_TRUE(event.ParseFromString(one.bytes));
        arrived_.push_back(std::stoi(event.message_bounced().stanza_id()));
        conclusions.push_back({one.peer, one.id, Conclusion::Status::kAccepted});
      }
      intake_->conclude(conclusions);
    }
  }
  /// Tells of a message that came back, with a text of so many bytes.
  void bounces(int number, std::size_t text_bytes) {
    v1::Event event;
    event.mutable_message_bounced()->set_stanza_id(std::to_string(number));
    event.mutable_message_bounced()->set_text(std::string(text_bytes, 'x'));
    queue_->publish(std::move(event));
  }
  double metric(const std::string& series) {
    queue_->show();
    const auto text = registry_.exposition();
    const auto at = text.find("\n" + series + " ");
    EXPECT_NE(at, std::string::npos) << series;
    return at == std::string::npos ? -1 : std::stod(text.substr(at + series.size() + 2));
  }
  double events(const std::string& fate) {
    return metric("rostrum_gateway_events_total{destination=\"notification\",fate=\"" + fate + "\"}");
  }
  double gauge(const std::string& name) {
    return metric("rostrum_gateway_events_" + name + "{destination=\"notification\"}");
  }
  /// Numbers in order, without a gap.
  static std::vector<int> numbers(int first, int last) {
    std::vector<int> all;
    for (int number = first; number <= last; ++number) all.push_back(number);
    return all;
  }

  metrics::Registry registry_;
  log::Log log_{"gateway", log::Format::kText, log::Level::kInfo};
  std::optional<bus::EventIntake> intake_;
  std::vector<int> arrived_;
  std::optional<EventQueue> queue_;
  bool captured_ = false;
};

TEST_F(EventQueueTest, drops_the_oldest_when_too_many_bytes_wait_and_says_so) {
  connect();
  for (int number = 1; number <= 300; ++number) bounces(number, 60'000);
  const auto dropped = static_cast<int>(events("dropped"));
  EXPECT_GT(dropped, 15);
  EXPECT_LT(dropped, 30);
  EXPECT_EQ(gauge("waiting"), 300 - dropped);
  EXPECT_LE(gauge("kept_bytes"), 16 * 1'024 * 1'024);
  EXPECT_GT(gauge("kept_bytes"), 15.9 * 1'024 * 1'024);
  const auto lines = logged();
  EXPECT_THAT(lines, HasSubstr("event_dropped"));
  EXPECT_THAT(lines, HasSubstr("notification"));
  EXPECT_LE(count(lines, "event_dropped"), 10U) << "however many";
  intake_->set_open(true);
  until("all is told", [&] { return queue_->at_rest(); });
  EXPECT_EQ(arrived_, numbers(dropped + 1, 300));
}

TEST_F(EventQueueTest, drops_the_oldest_when_too_many_wait_and_says_so) {
  connect();
  for (int number = 1; number <= 20'005; ++number) bounces(number, 1);
  EXPECT_EQ(events("dropped"), 5);
  EXPECT_EQ(gauge("waiting"), 20'000);
  EXPECT_EQ(count(logged(), "event_dropped"), 5U);
  intake_->set_open(true);
  until("all is told", [&] { return queue_->at_rest(); });
  EXPECT_EQ(arrived_, numbers(6, 20'005));
  EXPECT_EQ(events("published"), 20'000);
}

TEST_F(EventQueueTest, drops_what_is_too_large_for_the_intake_and_goes_on) {
  connect({.max_event_bytes = 1'000});
  for (const auto& [number, bytes] : {std::pair{1, 10}, std::pair{2, 2'000}, std::pair{3, 10}})
    bounces(number, static_cast<std::size_t>(bytes));
  intake_->set_open(true);
  until("all is told", [&] { return queue_->at_rest(); });
  EXPECT_EQ(arrived_, (std::vector<int>{1, 3}));
  EXPECT_EQ(events("dropped"), 1);
  EXPECT_EQ(gauge("kept_bytes"), 0);
  const auto lines = logged();
  EXPECT_EQ(count(lines, "event_dropped"), 1U);
  EXPECT_THAT(lines, HasSubstr("too large"));
}

}  // namespace
}  // namespace rostrum::gateway
