// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/dispatch/dispatch_core.hpp"

#include <deque>

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"

namespace rostrum::dispatch {
namespace {

using Ending = DispatchCore::Ending;

class DispatchCoreTest : public testing::Test {
 protected:
  std::size_t claim(std::size_t credit) { return core.begin_claim(clock.mono(), credit); }
  void claimed(std::size_t count) { core.claimed(clock.mono(), count); }
  void finish(std::size_t count, Ending ending = Ending::kReached) {
    for (; count > 0; --count) core.finished(clock.mono(), ending);
  }

  test::FakeClock clock;
  SeededRandom random{1};
  DispatchCore core{{.claim_batch = 10,
                     .most_open = 40,
                     .poll = Milliseconds(500),
                     .pause = {Milliseconds(200), Milliseconds(1'000)}},
                    random};
};

TEST_F(DispatchCoreTest, claims_at_start_what_an_earlier_process_left) {
  EXPECT_EQ(claim(100), 10U);
}

TEST_F(DispatchCoreTest, claims_no_more_than_there_is_credit_for) {
  EXPECT_EQ(claim(0), 0U);
  EXPECT_EQ(claim(3), 3U);
}

TEST_F(DispatchCoreTest, has_one_claim_under_way_at_a_time) {
  EXPECT_EQ(claim(100), 10U);
  EXPECT_EQ(claim(100), 0U);
}

TEST_F(DispatchCoreTest, claims_again_at_once_while_claims_come_back_full) {
  (void)claim(100);
  claimed(10);
  EXPECT_EQ(claim(100), 10U);
}

TEST_F(DispatchCoreTest, leaves_an_empty_table_alone_until_the_poll_or_a_kick) {
  (void)claim(100);
  claimed(0);
  EXPECT_EQ(claim(100), 0U);
  core.kick();
  EXPECT_EQ(claim(100), 10U);
  claimed(0);
  clock.advance(Milliseconds(499));
  EXPECT_EQ(claim(100), 0U);
  clock.advance(Milliseconds(1));
  EXPECT_EQ(claim(100), 10U);
}

TEST_F(DispatchCoreTest, does_not_lose_a_kick_that_comes_while_a_claim_is_under_way) {
  (void)claim(100);
  core.kick();
  claimed(0);
  EXPECT_EQ(claim(100), 10U);
}

TEST_F(DispatchCoreTest, waits_until_half_of_the_room_is_free_instead_of_claiming_one_by_one) {
  (void)claim(4);
  claimed(4);
  finish(1);
  EXPECT_EQ(claim(1), 0U);
  finish(1);
  EXPECT_EQ(claim(2), 2U);
}

TEST_F(DispatchCoreTest, never_has_more_open_or_unsettled_than_allowed) {
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(claim(1'000), 10U);
    claimed(10);
  }
  EXPECT_EQ(claim(1'000), 0U);
  finish(40);
  EXPECT_EQ(claim(1'000), 0U) << "what is finished is not yet settled";
  EXPECT_EQ(core.begin_settle(), 40U);
  core.settled();
  EXPECT_EQ(claim(1'000), 10U);
}

TEST_F(DispatchCoreTest, gathers_results_while_a_settlement_is_under_way) {
  (void)claim(10);
  claimed(10);
  EXPECT_EQ(core.begin_settle(), 0U);
  finish(1);
  EXPECT_EQ(core.begin_settle(), 1U);
  finish(5);
  EXPECT_EQ(core.begin_settle(), 0U);
  core.settled();
  EXPECT_EQ(core.begin_settle(), 5U);
}

TEST_F(DispatchCoreTest, looks_again_after_a_settlement_for_what_had_to_wait_for_it) {
  (void)claim(100);
  claimed(1);
  finish(1);
  (void)core.begin_settle();
  EXPECT_EQ(claim(100), 0U);
  core.settled();
  EXPECT_EQ(claim(100), 10U);
}

TEST_F(DispatchCoreTest, pauses_after_a_refusal_and_counts_a_burst_as_one) {
  (void)claim(10);
  claimed(10);
  finish(10, Ending::kRefused);
  (void)core.begin_settle();
  core.settled();
  EXPECT_EQ(claim(100), 0U);
  clock.advance(Milliseconds(200));  // the longest that a first pause can be
  EXPECT_EQ(claim(100), 10U);
}

TEST_F(DispatchCoreTest, pauses_longer_while_refusals_go_on_and_not_at_all_after_a_success) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(claim(10), 10U);
    claimed(10);
    finish(10, Ending::kRefused);
    (void)core.begin_settle();
    core.settled();
    if (i < 4) clock.advance(Milliseconds(1'000));
  }
  clock.advance(Milliseconds(499));  // at least half of the cap
  EXPECT_EQ(claim(10), 0U);
  clock.advance(Milliseconds(501));
  ASSERT_EQ(claim(10), 10U);
  claimed(10);
  finish(1, Ending::kRefused);
  finish(9);
  EXPECT_EQ(claim(10), 10U);
}

TEST_F(DispatchCoreTest, drains_what_is_open_and_claims_nothing_more) {
  (void)claim(10);
  core.drain();
  claimed(2);
  EXPECT_FALSE(core.idle());
  finish(2);
  EXPECT_EQ(core.begin_settle(), 2U);
  EXPECT_FALSE(core.idle());
  core.settled();
  EXPECT_TRUE(core.idle());
  core.kick();
  EXPECT_EQ(claim(100), 0U);
}

TEST_F(DispatchCoreTest, ends_with_everything_settled_once_whatever_the_order) {
  SeededRandom chance(7);
  std::size_t table = 10'000, settling = 0, asked = 0;
  std::int64_t settled = 0;
  for (int step = 0; step < 2'000'000 && settled < 10'000; ++step) {
    const std::size_t credit = 25 - std::min<std::size_t>(25, core.open());
    switch (chance.below(5)) {
      case 0:
        if (asked == 0) asked = claim(credit);
        break;
      case 1:
        if (asked != 0) {
          const auto got = std::min(asked, table);
          claimed(got);
          table -= got;
          asked = 0;
        }
        break;
      case 2:
        if (core.open() > 0) {
          const bool refused = chance.below(50) == 0;
          finish(1, refused ? Ending::kRefused : Ending::kReached);
          if (refused) ++table;  // claimed again later
          if (refused) --settled;
        }
        break;
      case 3:
        if (settling == 0) settling = core.begin_settle();
        break;
      default:
        if (settling != 0) {
          settled += static_cast<std::int64_t>(settling);
          settling = 0;
          core.settled();
        }
        clock.advance(Milliseconds(1));
    }
  }
  EXPECT_EQ(settled, 10'000);
}

}  // namespace
}  // namespace rostrum::dispatch
