// SPDX-License-Identifier: Apache-2.0
#include "common/bus/publisher_core.hpp"

#include <gtest/gtest.h>

#include "tests/unit/common/bus/conversation.hpp"

namespace rostrum::bus::test {
namespace {

class Publisher : public testing::Test {
 protected:
  static WelcomeFrame welcome(std::uint64_t credit, std::uint64_t bytes = 100'000) {
    return {std::string(16, 'i'), {credit, bytes}, 1'000, 500, 4, 3'600, "forum"};
  }
  EventId offer(const std::string& bytes, Offer expected = Offer::kTaken) {
    const auto id = EventId::make(clock_.wall(), random_);
    EXPECT_EQ(core_.offer({id, bytes}), expected);
    return id;
  }
  std::vector<std::string> sends() {
    const auto batch = core_.next_batch();
    return batch ? batch->events : std::vector<std::string>{};
  }
  std::vector<EventOutcome> hears(const EventId& id) {
    return core_.concluded({{{id.to_bytes(), OutcomesFrame::Outcome::Status::kAccepted}}});
  }
  using Bytes = std::vector<std::string>;

  FakeClock clock_;
  SeededRandom random_{3};
  PublisherCore core_;
};

TEST_F(Publisher, takes_nothing_before_welcome_and_never_more_than_credit) {
  offer("a", Offer::kNotNow);
  static_cast<void>(core_.welcomed(welcome(2)));
  offer("a");
  offer("b");
  offer("c", Offer::kNotNow);
  EXPECT_EQ(core_.unanswered(), 2U);
  core_.credited({{3, 100'000}});
  offer("c");
  core_.credited({{1, 100'000}});
  EXPECT_EQ(core_.credit(), 0U) << "credit never goes down, nor does it count twice";
}

TEST_F(Publisher, takes_never_more_bytes_than_credit) {
  static_cast<void>(core_.welcomed(welcome(10, 600)));
  offer(std::string(400, 'x'));
  offer(std::string(300, 'x'), Offer::kNotNow);
  EXPECT_EQ(core_.credit(), 9U) << "for smaller ones";
  const auto small = offer(std::string(200, 'x'));
  offer("x", Offer::kNotNow);
  EXPECT_EQ(core_.credit(), 0U);
  EXPECT_EQ(core_.flow().unanswered, (Load{2, 600}));
  EXPECT_EQ(sends().size(), 2U);
  static_cast<void>(hears(small));
  EXPECT_EQ(core_.flow().unanswered, (Load{1, 400}));
  offer("x", Offer::kNotNow);
  core_.credited({{10, 700}});
  offer(std::string(100, 'x'));
}

TEST_F(Publisher, sends_again_no_more_bytes_than_the_new_credit) {
  static_cast<void>(core_.welcomed(welcome(10, 1'000)));
  for (int i = 0; i < 3; ++i) offer(std::string(300, 'x'));
  static_cast<void>(core_.welcomed(welcome(10, 700)));
  EXPECT_EQ(core_.credit(), 0U) << "more waits than may be sent";
  EXPECT_EQ(sends().size(), 2U);
  EXPECT_EQ(sends(), Bytes{});
  core_.credited({{10, 900}});
  EXPECT_EQ(sends().size(), 1U);
}

TEST_F(Publisher, of_an_intake_that_counts_no_bytes_counts_events_alone) {
  static_cast<void>(core_.welcomed(welcome(3, Load::kUncounted)));
  for (int i = 0; i < 3; ++i) offer(std::string(400, 'x'));
  offer("x", Offer::kNotNow);
}

TEST_F(Publisher, sends_in_order_in_batches_that_fit) {
  static_cast<void>(core_.welcomed(welcome(100)));
  for (const auto* bytes : {"a", "b", "c", "d", "e"}) offer(bytes);
  EXPECT_EQ(sends(), (Bytes{"a", "b", "c", "d"})) << "max_batch";
  EXPECT_EQ(sends(), (Bytes{"e"}));
  EXPECT_EQ(sends(), Bytes{});
  const std::string large(480, 'x');
  for (int i = 0; i < 3; ++i) offer(large);
  EXPECT_EQ(sends().size(), 2U) << "max_frame_bytes";
  EXPECT_EQ(sends().size(), 1U);
  offer(std::string(501, 'x'), Offer::kTooLarge);
}

TEST_F(Publisher, tells_each_outcome_once) {
  static_cast<void>(core_.welcomed(welcome(2)));
  const auto id = offer("a");
  EXPECT_TRUE(hears(id).empty()) << "not sent yet: not this intake's to say";
  static_cast<void>(sends());
  ASSERT_EQ(hears(id).size(), 1U);
  EXPECT_TRUE(hears(id).empty());
  EXPECT_TRUE(core_.concluded({{{"nonsense", OutcomesFrame::Outcome::Status::kAccepted}}}).empty());
  EXPECT_EQ(core_.unanswered(), 0U);
  EXPECT_EQ(core_.credit(), 1U) << "an answer is not credit";
}

TEST_F(Publisher, sends_everything_unanswered_again_after_a_loss_oldest_first) {
  static_cast<void>(core_.welcomed(welcome(10)));
  offer("a");
  const auto second = offer("b");
  offer("c");
  static_cast<void>(sends());
  static_cast<void>(hears(second));
  offer("d");
  core_.lost();
  offer("e", Offer::kNotNow);
  EXPECT_EQ(sends(), Bytes{});
  static_cast<void>(core_.welcomed(welcome(2)));
  EXPECT_EQ(core_.credit(), 0U);
  EXPECT_EQ(sends(), (Bytes{"a", "c"})) << "within the new credit";
  core_.credited({{4, 100'000}});
  EXPECT_EQ(sends(), (Bytes{"d"}));
  EXPECT_EQ(core_.credit(), 1U);
}

TEST_F(Publisher, takes_and_sends_nothing_while_the_intake_pauses_and_keeps_what_it_took) {
  static_cast<void>(core_.welcomed(welcome(10)));
  const auto sent = offer("a");
  static_cast<void>(sends());
  offer("b");
  core_.credited({{10, 100'000}, true});
  offer("c", Offer::kNotNow);
  EXPECT_EQ(core_.credit(), 0U);
  EXPECT_EQ(core_.flow().credit, Load{});
  EXPECT_EQ(sends(), Bytes{});
  EXPECT_EQ(core_.unanswered(), 2U);
  EXPECT_EQ(hears(sent).size(), 1U) << "what was sent may be answered meanwhile";
  core_.credited({{12, 100'000}, true});
  EXPECT_EQ(core_.credit(), 0U) << "more credit is none while it pauses";
  core_.credited({{12, 100'000}});
  EXPECT_EQ(core_.credit(), 10U);
  offer("c");
  EXPECT_EQ(sends(), (Bytes{"b", "c"}));
}

TEST_F(Publisher, hears_of_no_pause_of_the_conversation_before) {
  static_cast<void>(core_.welcomed(welcome(10)));
  core_.credited({{10, 100'000}, true});
  core_.lost();
  static_cast<void>(core_.welcomed(welcome(10)));
  EXPECT_EQ(core_.credit(), 10U);
}

TEST_F(Publisher, takes_the_same_id_twice_as_one) {
  static_cast<void>(core_.welcomed(welcome(10)));
  const auto id = offer("a");
  EXPECT_EQ(core_.offer({id, "a"}), Offer::kTaken);
  EXPECT_EQ(sends(), (Bytes{"a"}));
}

TEST_F(Publisher, rejects_itself_what_another_intake_can_never_take) {
  static_cast<void>(core_.welcomed(welcome(10)));
  const auto large = offer(std::string(400, 'x'));
  offer("a");
  core_.lost();
  auto narrow = welcome(10);
  narrow.max_event_bytes = 300;
  const auto outcomes = core_.welcomed(narrow);
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].id, large);
  EXPECT_EQ(outcomes[0].status, EventOutcome::Status::kRejected);
  EXPECT_EQ(sends(), (Bytes{"a"}));
}

}  // namespace
}  // namespace rostrum::bus::test
