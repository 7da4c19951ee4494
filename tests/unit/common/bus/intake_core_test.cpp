// SPDX-License-Identifier: Apache-2.0
#include "common/bus/intake_core.hpp"

#include <gtest/gtest.h>

#include "tests/unit/common/bus/conversation.hpp"

namespace rostrum::bus::test {
namespace {

using Status = EventIntake::Conclusion::Status;

class Intake : public testing::Test {
 protected:
  IntakeEffects says(const std::string& route, const AuthorizedKey& key, const Frame& frame) {
    return core_.receive(message_from(route, key, frame), keys_, clock_.wall());
  }
  std::string event() { return removal(EventId::make(clock_.wall(), random_)).SerializeAsString(); }
  BatchFrame events(std::size_t count) {
    BatchFrame batch;
    while (batch.events.size() < count) batch.events.push_back(event());
    return batch;
  }
  static std::vector<EventIntake::Conclusion> accept(const std::vector<ReceivedEvent>& events) {
    std::vector<EventIntake::Conclusion> conclusions;
    for (const auto& taken : events) conclusions.push_back({taken.peer, taken.id, Status::kAccepted});
    return conclusions;
  }

  FakeClock clock_;
  SeededRandom random_{7};
  AuthorizedKey forum_ = key_of("forum", {"member_removed"});
  AuthorizedKey shop_ = key_of("shop", {"member_removed"});
  AuthorizedKeys keys_{{forum_, shop_}};
  LinkLimits limits_{.window = 100, .window_total = 200};
  IntakeCore core_{limits_, std::string(16, 'i'), {"member_removed"}};
};

TEST_F(Intake, gathers_good_events_and_answers_only_after_the_conclusion) {
  says("r1", forum_, hello(LinkKind::kEvent));
  auto effects = says("r1", forum_, events(3));
  EXPECT_TRUE(effects.gathered);
  EXPECT_TRUE(effects.peers.send.empty());
  EXPECT_FALSE(says("r1", forum_, events(2)).gathered) << "there was something already";
  EXPECT_EQ(core_.waiting(), 5U);
  const auto taken = core_.take(4, 1'000'000);
  ASSERT_EQ(taken.size(), 4U);
  EXPECT_EQ(taken[0].source, "forum");
  EXPECT_EQ(taken[0].type, "member_removed");
  EXPECT_EQ(core_.waiting(), 5U) << "taken is not concluded";
  effects = core_.conclude(accept(taken));
  const auto outcomes = only<OutcomesFrame>(effects.peers).outcomes;
  ASSERT_EQ(outcomes.size(), 4U);
  EXPECT_EQ(outcomes[3].id, taken[3].id.to_bytes());
  EXPECT_EQ(core_.waiting(), 1U);
}

TEST_F(Intake, rejects_a_bad_event_alone_and_takes_its_neighbours) {
  says("r1", forum_, hello(LinkKind::kEvent));
  auto batch = events(3);
  auto foreign = removal(EventId::make(clock_.wall(), random_));
  foreign.set_source("shop");
  batch.events[1] = foreign.SerializeAsString();
  const auto effects = says("r1", forum_, batch);
  const auto outcomes = only<OutcomesFrame>(effects.peers).outcomes;
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].id, foreign.id());
  EXPECT_EQ(outcomes[0].rejection_code, static_cast<int>(EnvelopeRejection::kForeignSource));
  ASSERT_EQ(effects.rejected.size(), 1U);
  EXPECT_EQ(effects.rejected[0].type, "member_removed");
  EXPECT_EQ(core_.take(10, 1'000'000).size(), 2U);
}

TEST_F(Intake, refuses_an_event_without_an_id_and_gives_its_credit_back) {
  says("r1", forum_, hello(LinkKind::kEvent));
  for (int i = 0; i < 500; ++i) {
    const auto effects = says("r1", forum_, BatchFrame{{"garbage"}});
    ASSERT_EQ(sent<RefusalFrame>(effects.peers).at(0).code, RefusalCode::kUnreadableId);
  }
}

TEST_F(Intake, takes_at_least_one_event_however_large) {
  says("r1", forum_, hello(LinkKind::kEvent));
  says("r1", forum_, events(3));
  EXPECT_EQ(core_.take(10, 1).size(), 1U);
  EXPECT_EQ(core_.take(10, 1).size(), 1U);
}

TEST_F(Intake, answers_each_peer_its_own_events) {
  says("r1", forum_, hello(LinkKind::kEvent));
  says("r2", shop_, hello(LinkKind::kEvent));
  says("r1", forum_, events(2));
  says("r2", shop_, events(3));
  const auto effects = core_.conclude(accept(core_.take(10, 1'000'000)));
  ASSERT_EQ(effects.peers.send.size(), 2U);
  EXPECT_EQ(std::get<OutcomesFrame>(effects.peers.send[0].frame).outcomes.size(), 2U);
  EXPECT_EQ(std::get<OutcomesFrame>(effects.peers.send[1].frame).outcomes.size(), 3U);
}

TEST_F(Intake, puts_no_more_than_64_KiB_of_answers_into_a_frame) {
  IntakeCore wide({}, std::string(16, 'i'), {"member_removed"});
  static_cast<void>(wide.receive(message_from("r1", forum_, hello(LinkKind::kEvent)), keys_, clock_.wall()));
  for (int i = 0; i < 4; ++i)
    static_cast<void>(wide.receive(message_from("r1", forum_, events(250)), keys_, clock_.wall()));
  auto conclusions = accept(wide.take(1'000, 1'000'000));
  for (auto& conclusion : conclusions) {
    conclusion.status = Status::kRejected;
    conclusion.text = std::string(256, 'x');
  }
  std::size_t answered = 0;
  const auto effects = wide.conclude(conclusions);
  for (const auto& frame : sent<OutcomesFrame>(effects.peers)) {
    EXPECT_LE(encode(frame).size(), kAnswersBytes);
    answered += frame.outcomes.size();
  }
  EXPECT_EQ(answered, 1'000U);
}

TEST_F(Intake, forgets_what_nobody_waits_for_but_concludes_what_was_taken) {
  says("r1", forum_, hello(LinkKind::kEvent));
  says("r1", forum_, events(5));
  const auto taken = core_.take(2, 1'000'000);
  static_cast<void>(core_.drop("r1"));
  EXPECT_EQ(core_.waiting(), 2U);
  EXPECT_TRUE(core_.conclude(accept(taken)).peers.send.empty());
  EXPECT_EQ(core_.waiting(), 0U);
  EXPECT_TRUE(core_.take(10, 1'000'000).empty());
}

TEST_F(Intake, has_no_room_when_all_together_wait_for_too_much) {
  IntakeCore small({.window = 100, .window_total = 200, .window_total_bytes = 100}, std::string(16, 'i'),
                   {"member_removed"});
  static_cast<void>(small.receive(message_from("r1", forum_, hello(LinkKind::kEvent)), keys_, clock_.wall()));
  EXPECT_TRUE(small.has_room());
  static_cast<void>(small.receive(message_from("r1", forum_, events(5)), keys_, clock_.wall()));
  EXPECT_FALSE(small.has_room());
  const auto taken = small.take(5, 1'000'000);
  EXPECT_FALSE(small.has_room()) << "what is taken is still in memory";
  const auto bytes = small.flow().waiting.bytes;
  static_cast<void>(small.conclude(accept({taken[0]})));
  EXPECT_EQ(small.flow().waiting, (Load{4, bytes - taken[0].bytes.size()}));
  static_cast<void>(small.conclude(accept({taken.begin() + 1, taken.end()})));
  EXPECT_EQ(small.flow().waiting, Load{});
  EXPECT_TRUE(small.has_room());
}

}  // namespace
}  // namespace rostrum::bus::test
