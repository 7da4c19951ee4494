// SPDX-License-Identifier: Apache-2.0
#include "common/bus/connection_core.hpp"

#include <deque>
#include <list>

#include <gtest/gtest.h>

#include "tests/unit/common/bus/conversation.hpp"

namespace rostrum::bus::test {
namespace {

class ConnectionCoreTest : public testing::Test {
 protected:
  using Kind = LinkEvent::Kind;

  MonoTime now() const { return clock_.mono(); }
  /// Lets time pass until the core wants to be called, and calls it.
  ConnectionEffects wakes() {
    if (core_.wake_at() > now()) clock_.advance(std::chrono::ceil<milliseconds>(core_.wake_at() - now()));
    return core_.tick(now());
  }
  template <class Effect>
  static const Effect* find(const ConnectionEffects& effects) {
    for (const auto& effect : effects) {
      if (const auto* found = std::get_if<Effect>(&effect)) return found;
    }
    return nullptr;
  }
  std::string opens(const ConnectionEffects& effects) {
    const auto* open = find<OpenSocket>(effects);
    return open == nullptr ? "nothing" : open->endpoint;
  }
  void becomes_open() {
    EXPECT_TRUE(find<OpenSocket>(wakes()));
    EXPECT_TRUE(find<SendHello>(core_.handshake_succeeded(now())));
    EXPECT_TRUE(find<ConversationBegun>(core_.received(Frame{WelcomeFrame{}}, now())));
  }
  void expect_lost(const ConnectionEffects& effects, Kind kind, bool conversation_ended) {
    EXPECT_TRUE(find<CloseSocket>(effects));
    EXPECT_EQ(find<ConversationEnded>(effects) != nullptr, conversation_ended);
    const auto* told = find<LinkEvent>(effects);
    ASSERT_NE(told, nullptr);
    EXPECT_EQ(told->kind, kind);
    EXPECT_GT(core_.wake_at(), now());
  }

  FakeClock clock_;
  SeededRandom random_{5};
  ConnectionCore core_{
      {{"first", "second"}, LinkKind::kEvent, milliseconds{5'000}, {milliseconds{100}, milliseconds{800}}},
      random_,
      clock_.mono()};
};

TEST_F(ConnectionCoreTest, says_hello_after_the_handshake_and_begins_at_welcome) {
  EXPECT_EQ(opens(wakes()), "first");
  EXPECT_TRUE(find<SendHello>(core_.handshake_succeeded(now())));
  const auto effects = core_.received(Frame{WelcomeFrame{.known_as = "forum"}}, now());
  EXPECT_TRUE(find<ConversationBegun>(effects));
  EXPECT_EQ(find<LinkEvent>(effects)->kind, Kind::kConnected);
  EXPECT_TRUE(find<FrameArrived>(core_.received(Frame{CreditFrame{{5, 500}}}, now())));
}

TEST_F(ConnectionCoreTest, gives_up_on_an_endpoint_that_does_not_answer_in_time) {
  EXPECT_EQ(opens(wakes()), "first");
  expect_lost(wakes(), Kind::kLost, false);
  EXPECT_EQ(opens(wakes()), "second");
  static_cast<void>(core_.handshake_succeeded(now()));
  expect_lost(wakes(), Kind::kLost, false);
  EXPECT_EQ(opens(wakes()), "first");
}

TEST_F(ConnectionCoreTest, stays_with_an_endpoint_that_only_blinked) {
  becomes_open();
  clock_.advance(milliseconds{4'000});
  static_cast<void>(core_.received(Frame{CreditFrame{{5, 500}}}, now()));
  expect_lost(core_.failed(Kind::kLost, "disconnected", now()), Kind::kLost, true);
  EXPECT_EQ(opens(wakes()), "first");
}

TEST_F(ConnectionCoreTest, turns_to_the_next_endpoint_after_refusals_for_the_whole_deadline) {
  std::vector<std::string> opened;
  const auto start = now();
  while (opened.empty() || opened.back() != "second") {
    opened.push_back(opens(wakes()));
    if (opened.back() == "first")
      expect_lost(core_.failed(Kind::kRefused, "400", now()), Kind::kRefused, false);
  }
  EXPECT_GE(now() - start, milliseconds{5'000});
  EXPECT_LE(now() - start, milliseconds{5'800});
  EXPECT_GT(opened.size(), 6U);
}

TEST_F(ConnectionCoreTest, stays_with_its_address_while_that_is_one_of_the_endpoints) {
  becomes_open();
  static_cast<void>(core_.received(Frame{CreditFrame{{5, 500}}}, now()));
  EXPECT_TRUE(core_.found({"new", "second", "first"}, now()).empty()) << "the conversation goes on";
  const auto effects = core_.failed(Kind::kLost, "disconnected", now());
  expect_lost(effects, Kind::kLost, true);
  EXPECT_TRUE(find<FindAddresses>(effects)) << "looked up anew at each loss";
  EXPECT_EQ(opens(wakes()), "first");
}

TEST_F(ConnectionCoreTest, turns_at_once_to_another_when_its_address_is_none_of_the_endpoints_any_more) {
  becomes_open();
  static_cast<void>(core_.received(Frame{CreditFrame{{5, 500}}}, now()));
  static_cast<void>(core_.failed(Kind::kLost, "disconnected", now()));
  static_cast<void>(core_.found({"second", "third"}, now()));
  EXPECT_EQ(opens(wakes()), "second");
  static_cast<void>(core_.failed(Kind::kLost, "no connection", now()));
  EXPECT_EQ(opens(wakes()), "second") << "which has a turn of its own";
}

TEST_F(ConnectionCoreTest, without_any_address_it_asks_for_one_and_pauses_longer_after_each_look_up) {
  ConnectionCore core({{}, LinkKind::kEvent, milliseconds{5'000}, {milliseconds{100}, milliseconds{800}}},
                      random_, now());
  milliseconds longest{0};
  for (int i = 0; i < 6; ++i) {
    clock_.advance(std::chrono::ceil<milliseconds>(core.wake_at() - now()));
    EXPECT_TRUE(find<FindAddresses>(core.tick(now())));
    core.looked(now());
    longest = std::max(longest, std::chrono::ceil<milliseconds>(core.wake_at() - now()));
  }
  EXPECT_GE(longest, milliseconds{400});
  EXPECT_LE(longest, milliseconds{800});
  clock_.advance(std::chrono::ceil<milliseconds>(core.wake_at() - now()));
  static_cast<void>(core.tick(now()));
  EXPECT_EQ(opens(core.found({"first", "second"}, now())), "first");
}

TEST_F(ConnectionCoreTest, an_address_that_was_long_in_coming_has_its_turn_all_the_same) {
  ConnectionCore core({{}, LinkKind::kEvent, milliseconds{5'000}, {milliseconds{100}, milliseconds{800}}},
                      random_, now());
  EXPECT_TRUE(find<FindAddresses>(core.tick(now())));
  clock_.advance(milliseconds{20'000});
  EXPECT_EQ(opens(core.found({"first", "second"}, now())), "first");
}

TEST_F(ConnectionCoreTest, takes_silence_for_loss) {
  becomes_open();
  for (int i = 0; i < 10; ++i) {
    clock_.advance(milliseconds{4'999});
    EXPECT_TRUE(core_.tick(now()).empty());
    EXPECT_TRUE(find<FrameArrived>(core_.received(Frame{CreditFrame{{1, 100}}}, now())));
  }
  expect_lost(wakes(), Kind::kLost, true);
  EXPECT_EQ(opens(wakes()), "second") << "it did not answer for the deadline";
}

TEST_F(ConnectionCoreTest, starts_over_after_a_refusal_or_a_frame_it_cannot_read) {
  becomes_open();
  expect_lost(core_.received(Frame{RefusalFrame{RefusalCode::kOverCredit, "wait"}}, now()),
              Kind::kFrameRefused, true);
  becomes_open();
  expect_lost(core_.received(std::nullopt, now()), Kind::kFrameRefused, true);
  becomes_open();
  expect_lost(core_.received(Frame{WelcomeFrame{}}, now()), Kind::kFrameRefused, true);
  static_cast<void>(wakes());
  static_cast<void>(core_.handshake_succeeded(now()));
  expect_lost(core_.received(Frame{CreditFrame{{1, 100}}}, now()), Kind::kFrameRefused, false);
}

TEST_F(ConnectionCoreTest, waits_longer_after_each_failure_until_a_conversation_has_lasted) {
  milliseconds longest{0};
  for (int i = 0; i < 8; ++i) {
    becomes_open();
    static_cast<void>(core_.failed(Kind::kLost, "killed by our first frame", now()));
    longest = std::max(longest, std::chrono::ceil<milliseconds>(core_.wake_at() - now()));
  }
  EXPECT_GE(longest, milliseconds{400}) << "a Welcome alone does not reset the pause";
  EXPECT_LE(longest, milliseconds{800});
  becomes_open();
  static_cast<void>(core_.received(Frame{CreditFrame{{1, 100}}}, now()));
  static_cast<void>(core_.failed(Kind::kLost, "gone", now()));
  EXPECT_LE(core_.wake_at() - now(), milliseconds{100});
}

TEST_F(ConnectionCoreTest, heeds_nothing_from_a_socket_it_has_closed) {
  becomes_open();
  static_cast<void>(core_.failed(Kind::kLost, "gone", now()));
  EXPECT_TRUE(core_.failed(Kind::kLost, "closed", now()).empty());
  EXPECT_TRUE(core_.handshake_succeeded(now()).empty());
  EXPECT_TRUE(core_.received(Frame{CreditFrame{{1, 100}}}, now()).empty());
}

TEST_F(ConnectionCoreTest, says_what_kept_it_from_its_connection) {
  const auto trouble = [](const ConnectionEffects& effects) { return find<LinkEvent>(effects)->trouble; };
  const auto refused = [&](RefusalCode code) {
    becomes_open();
    return trouble(core_.received(Frame{RefusalFrame{code, "no"}}, now()));
  };
  EXPECT_EQ(refused(RefusalCode::kTooManyPeers), LinkTrouble::kTooManyPeers);
  EXPECT_EQ(refused(RefusalCode::kNotAuthorized), LinkTrouble::kNotAuthorized);
  EXPECT_EQ(refused(RefusalCode::kUnsupported), LinkTrouble::kUnsupported);
  EXPECT_EQ(refused(RefusalCode::kOverCredit), LinkTrouble::kFrameRefused);
  static_cast<void>(wakes());
  EXPECT_EQ(trouble(core_.failed(Kind::kRefused, "400", now(), LinkTrouble::kUnknownKey)),
            LinkTrouble::kUnknownKey);
  static_cast<void>(wakes());
  EXPECT_EQ(trouble(wakes()), LinkTrouble::kUnreachable) << "no answer within the deadline";
}

/// Two thousand that lost their service at the same moment. It is away for some time, and then takes so many
/// handshakes a second; who waits longer than three seconds for his begins anew.
class Crowd {
 public:
  static constexpr milliseconds kStep{20};
  static constexpr std::size_t kSize = 2'000;

  Crowd(FakeClock& clock, Random& random) : clock_(clock) {
    const ConnectionCore::Settings settings{
        {"there"}, LinkKind::kEvent, milliseconds{5'000}, {milliseconds{100}, milliseconds{5'000}}};
    for (std::size_t i = 0; i < kSize; ++i) outside_.emplace_back(settings, random, clock.mono());
  }
  /// How long after the service is back the last of them is served.
  milliseconds until_all_are_served(milliseconds away, std::size_t handshakes_per_second) {
    const auto back = clock_.mono() + away;
    while (!outside_.empty()) {
      clock_.advance(kStep);
      knock(clock_.mono() >= back);
      auto left = handshakes_per_second * static_cast<std::size_t>(kStep.count()) / 1'000;
      for (; left > 0 && !waiting_.empty(); --left) serve();
    }
    return std::chrono::ceil<milliseconds>(clock_.mono() - back);
  }
  [[nodiscard]] std::size_t most_at_once() const { return most_at_once_; }

 private:
  void knock(bool there) {
    std::size_t knocks = 0;
    for (auto& core : outside_) {
      if (core.wake_at() > clock_.mono() || core.tick(clock_.mono()).empty()) continue;
      ++knocks;
      if (there)
        waiting_.emplace_back(&core, clock_.mono());
      else
        static_cast<void>(core.failed(LinkEvent::Kind::kLost, "no connection", clock_.mono()));
    }
    if (there) most_at_once_ = std::max(most_at_once_, knocks);
    while (!waiting_.empty() && clock_.mono() - waiting_.front().second > milliseconds{3'000}) {
      static_cast<void>(waiting_.front().first->failed(LinkEvent::Kind::kLost, "handshake", clock_.mono()));
      waiting_.pop_front();
    }
  }
  void serve() {
    const auto* served = waiting_.front().first;
    waiting_.pop_front();
    outside_.remove_if([&](const ConnectionCore& core) { return &core == served; });
  }

  FakeClock& clock_;
  std::list<ConnectionCore> outside_;
  std::deque<std::pair<ConnectionCore*, MonoTime>> waiting_;
  std::size_t most_at_once_ = 0;
};

TEST_F(ConnectionCoreTest, a_crowd_that_was_lost_at_once_comes_back_spread_and_is_served_within_15_s) {
  for (const auto away : {milliseconds{500}, milliseconds{3'000}, milliseconds{30'000}}) {
    Crowd crowd(clock_, random_);
    EXPECT_LE(crowd.until_all_are_served(away, 500), milliseconds{15'000}) << away.count();
    EXPECT_LE(crowd.most_at_once(), Crowd::kSize / 4) << away.count();
  }
}

}  // namespace
}  // namespace rostrum::bus::test
