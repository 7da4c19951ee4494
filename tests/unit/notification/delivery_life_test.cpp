// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/notification/core/delivery_life.hpp"

#include <gtest/gtest.h>

#include "common/base/random.hpp"
#include "tests/support/fake_clock.hpp"

namespace rostrum::notification {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Status = Outcome::Status;

constexpr auto kStart = test::FakeClock::kStartWall;
constexpr auto kHold = Milliseconds(30'000);
constexpr auto kGiveUpAfter = Milliseconds(hours(24));

/// One delivery that lives through what a test tells.
struct Life {
  Delivery delivery{State::kQueued, 0, 0, kStart, kStart, kStart + hours(168)};
  WallTime now = kStart;
  std::string reason = {};

  void take(const std::optional<Change>& change) {
    if (!change) return;
    delivery.state = change->state;
    delivery.attempts = change->attempts;
    delivery.due = change->due;
    reason = change->reason;
  }
  void is_claimed(Recipient recipient = Recipient::kReady) {
    take(on_due(delivery, recipient, now, kHold, kGiveUpAfter));
  }
  void ends(Status status, const std::string& condition = "") {
    ends_attempt(delivery.attempts, status, condition);
  }
  void ends_attempt(unsigned attempt, Status status, const std::string& condition = "") {
    take(on_outcome(delivery, attempt, {status, condition}, now, kGiveUpAfter));
  }
  void receipt() { take(on_receipt(delivery)); }
  void bounce(const std::string& condition) { take(on_bounce(delivery, condition, "")); }
  [[nodiscard]] State state() const { return delivery.state; }
};

TEST(Delivery, is_attempted_sent_and_delivered) {
  Life life;
  life.is_claimed();
  EXPECT_EQ(life.state(), State::kAttempting);
  EXPECT_EQ(life.delivery.due, kStart + kHold);
  EXPECT_EQ(life.delivery.attempts, 1U);
  life.ends(Status::kDone);
  EXPECT_EQ(life.state(), State::kSent);
  life.receipt();
  EXPECT_EQ(life.state(), State::kDelivered);
}

TEST(Delivery, fails_with_the_condition) {
  Life life;
  life.is_claimed();
  life.ends(Status::kFailed, "invalid-text");
  EXPECT_EQ(life.state(), State::kFailed);
  EXPECT_EQ(life.reason, "invalid-text");
}

TEST(Delivery, that_was_not_started_waits_and_the_attempt_does_not_count) {
  Life life;
  life.is_claimed();
  life.ends(Status::kRetry);
  EXPECT_EQ(life.state(), State::kQueued);
  EXPECT_EQ(life.delivery.attempts, 0U);
  EXPECT_EQ(life.delivery.due, kStart + Milliseconds(500));
  life.now = kStart + hours(5);
  life.is_claimed();
  life.ends(Status::kRetry);
  EXPECT_EQ(life.delivery.due, life.now + seconds(30));
}

TEST(Delivery, in_doubt_is_repeated_only_when_the_hold_has_passed) {
  Life life;
  life.is_claimed();
  life.now += seconds(2);
  life.ends(Status::kUnknown);
  EXPECT_EQ(life.state(), State::kQueued);
  EXPECT_EQ(life.delivery.attempts, 1U);
  EXPECT_EQ(life.delivery.due, kStart + kHold);
}

TEST(Delivery, in_doubt_again_and_again_is_repeated_more_and_more_slowly_and_given_up_at_last) {
  Life life;
  auto pause = Milliseconds(0);
  unsigned attempts = 0;
  while (is_open(life.state())) {
    life.now = life.delivery.due;
    life.is_claimed();
    ++attempts;
    const auto claimed = life.now;
    life.ends(Status::kUnknown);
    if (!is_open(life.state())) break;
    const auto next_pause = life.delivery.due - claimed - kHold;
    EXPECT_GE(next_pause, pause);
    EXPECT_LE(next_pause, hours(1));
    pause = next_pause;
  }
  EXPECT_EQ(pause, hours(1));
  EXPECT_EQ(life.state(), State::kFailed);
  EXPECT_EQ(life.reason, "unconfirmed");
  EXPECT_GE(life.now, kStart + kGiveUpAfter);
  EXPECT_LT(life.now, kStart + kGiveUpAfter + hours(2));
  EXPECT_GE(attempts, kMaxAttempts);
  EXPECT_LT(attempts, 40U);
}

TEST(Delivery, in_doubt_while_everything_dies_is_not_given_up_before_its_time) {
  Life life;
  for (unsigned attempt = 1; attempt <= 3 * kMaxAttempts; ++attempt) {
    life.is_claimed();
    life.ends(Status::kUnknown);
    ASSERT_EQ(life.state(), State::kQueued) << attempt << ": nobody refused it";
  }
  life.is_claimed();
  life.ends(Status::kDone);
  EXPECT_EQ(life.state(), State::kSent);
}

TEST(Delivery, just_published_long_ago_still_has_as_many_attempts) {
  Life life;
  life.now = kStart + kGiveUpAfter + hours(1);  // its member had no account before
  for (unsigned attempt = 1; attempt < kMaxAttempts; ++attempt) {
    life.is_claimed();
    life.ends(Status::kUnknown);
    ASSERT_EQ(life.state(), State::kQueued) << attempt;
  }
  life.is_claimed();
  life.ends(Status::kUnknown);
  EXPECT_EQ(life.reason, "unconfirmed");
}

TEST(Delivery, whose_process_dies_again_and_again_is_repeated_as_slowly_and_given_up_at_last) {
  Life life;
  unsigned looks = 0;
  while (is_open(life.state())) {
    life.is_claimed();
    life.now = std::max(life.now, life.delivery.due);
    ASSERT_LT(++looks, 100U);
  }
  EXPECT_EQ(life.state(), State::kFailed);
  EXPECT_EQ(life.reason, "unconfirmed");
  EXPECT_GE(life.now, kStart + kGiveUpAfter);
}

TEST(Delivery, whose_process_died_is_attempted_again_at_once_the_first_time) {
  Life life;
  life.is_claimed();
  life.now = life.delivery.due;
  life.is_claimed();
  EXPECT_EQ(life.state(), State::kAttempting);
  EXPECT_EQ(life.delivery.attempts, 2U);
}

TEST(Delivery, to_a_member_whose_account_is_a_dead_letter_ends_at_once) {
  Life life;
  life.is_claimed(Recipient::kDead);
  EXPECT_EQ(life.state(), State::kFailed);
  EXPECT_EQ(life.reason, "account-dead");
}

TEST(Delivery, that_was_replayed_has_a_fresh_count_of_attempts) {
  Life life;
  life.delivery.attempts = life.delivery.attempts_before = 30;
  life.is_claimed();
  EXPECT_EQ(life.delivery.attempts, 31U) << "the number of an attempt never comes again";
  life.ends(Status::kUnknown);
  EXPECT_EQ(life.state(), State::kQueued);
  EXPECT_EQ(life.delivery.due, kStart + kHold) << "no pause after the first";
  life.now = life.delivery.due;
  life.is_claimed();
  life.now = life.delivery.expires_at;
  life.ends(Status::kRetry);
  EXPECT_EQ(life.reason, "unconfirmed");
  life.delivery = {State::kQueued, 30, 30, kStart, kStart, kStart + hours(168)};
  life.is_claimed();
  EXPECT_EQ(life.reason, "unsent") << "by this replay nothing was sent";
}

TEST(Delivery, to_a_member_without_account_waits_longer_and_longer_until_it_expires) {
  Life life;
  life.is_claimed(Recipient::kNotReady);
  EXPECT_EQ(life.state(), State::kQueued);
  EXPECT_EQ(life.delivery.due, kStart + Milliseconds(500));
  int looks = 1;
  auto pause = Milliseconds(0);
  while (life.state() == State::kQueued) {
    EXPECT_GE(life.delivery.due - life.now, std::min<Milliseconds>(pause, minutes(10)));
    pause = life.delivery.due - life.now;
    life.now = life.delivery.due;
    life.is_claimed(Recipient::kNotReady);
    ++looks;
  }
  EXPECT_EQ(life.state(), State::kExpired);
  EXPECT_EQ(life.reason, "unsent");
  EXPECT_EQ(life.delivery.attempts, 0U);
  EXPECT_LT(looks, 1'100);
  EXPECT_GE(life.now, life.delivery.expires_at);
}

TEST(Delivery, goes_out_once_the_account_is_there) {
  Life life;
  life.is_claimed(Recipient::kNotReady);
  life.now = life.delivery.due;
  life.is_claimed();
  EXPECT_EQ(life.state(), State::kAttempting);
}

TEST(Delivery, to_a_member_that_is_gone_is_suppressed) {
  Life life;
  life.is_claimed(Recipient::kGone);
  EXPECT_EQ(life.state(), State::kSuppressed);
  EXPECT_EQ(life.reason, "member-removed");
}

TEST(Delivery, is_not_attempted_at_the_moment_of_expiry) {
  Life life;
  life.now = life.delivery.expires_at;
  life.is_claimed();
  EXPECT_EQ(life.state(), State::kExpired);
  EXPECT_EQ(life.reason, "unsent");
}

TEST(Delivery, expires_rather_than_be_repeated_too_late) {
  for (const auto status : {Status::kRetry, Status::kUnknown}) {
    Life life;
    life.now = life.delivery.expires_at - seconds(1);
    life.is_claimed();
    life.now += seconds(1);
    life.ends(status);
    EXPECT_EQ(life.state(), State::kExpired);
    EXPECT_EQ(life.reason, status == Status::kRetry ? "unsent" : "unconfirmed");
  }
}

TEST(Delivery, confirmed_before_the_result_came_stays_delivered) {
  for (const auto status : {Status::kDone, Status::kFailed, Status::kRetry, Status::kUnknown}) {
    Life life;
    life.is_claimed();
    life.receipt();
    life.ends(status, "service-unavailable");
    EXPECT_EQ(life.state(), State::kDelivered);
  }
}

TEST(Delivery, returned_before_the_result_came_stays_failed) {
  for (const auto status : {Status::kDone, Status::kFailed, Status::kRetry, Status::kUnknown}) {
    Life life;
    life.is_claimed();
    life.bounce("service-unavailable");
    life.ends(status, "other");
    EXPECT_EQ(life.state(), State::kFailed);
    EXPECT_EQ(life.reason, "service-unavailable");
  }
}

TEST(Delivery, in_doubt_is_not_repeated_when_the_receipt_comes_meanwhile) {
  Life life;
  life.is_claimed();
  life.ends(Status::kUnknown);
  life.receipt();
  EXPECT_EQ(life.state(), State::kDelivered);
  EXPECT_FALSE(is_open(life.state()));
}

TEST(Delivery, returned_after_it_was_delivered_stays_delivered) {
  Life life;
  life.is_claimed();
  life.receipt();
  life.bounce("service-unavailable");
  EXPECT_EQ(life.state(), State::kDelivered);
}

TEST(Delivery, sent_and_returned_has_failed) {
  Life life;
  life.is_claimed();
  life.ends(Status::kDone);
  life.bounce("resource-constraint");
  EXPECT_EQ(life.state(), State::kFailed);
  EXPECT_EQ(life.reason, "resource-constraint");
}

TEST(Delivery, the_members_receipt_is_the_last_word) {
  for (const auto state : {State::kQueued, State::kAttempting, State::kSent, State::kFailed, State::kExpired,
                           State::kSuppressed}) {
    Life life;
    life.delivery.state = state;
    life.receipt();
    EXPECT_EQ(life.state(), State::kDelivered);
  }
}

TEST(Delivery, doubt_about_an_older_attempt_does_not_touch_the_newer_one) {
  for (const auto status : {Status::kRetry, Status::kUnknown}) {
    Life life;
    life.is_claimed();
    life.now = life.delivery.due;  // the first process is thought dead, a second one tries
    life.is_claimed();
    life.ends_attempt(1, status);
    EXPECT_EQ(life.state(), State::kAttempting);
    EXPECT_EQ(life.delivery.attempts, 2U);
  }
}

TEST(Delivery, the_servers_word_about_an_older_attempt_counts) {
  Life life;
  life.is_claimed();
  life.now = life.delivery.due;
  life.is_claimed();
  life.ends_attempt(1, Status::kDone);
  EXPECT_EQ(life.state(), State::kSent);
  life.ends_attempt(2, Status::kUnknown);
  EXPECT_EQ(life.state(), State::kSent);
}

int rank(State state) {
  switch (state) {
    case State::kQueued:
    case State::kAttempting:
      return 0;
    case State::kExpired:
      return 1;
    case State::kSent:
      return 2;
    case State::kFailed:
    case State::kSuppressed:
      return 3;
    case State::kDelivered:
      return 4;
  }
  return -1;
}

TEST(Delivery, never_goes_back_whatever_happens_in_whatever_order) {
  SeededRandom random(20'261'122);
  for (int run = 0; run < 3'000; ++run) {
    Life life;
    for (int step = 0; step < 40; ++step) {
      const auto before = life.state();
      switch (random.below(8)) {
        case 0:
        case 1:
          if (is_open(life.state()) && life.now >= life.delivery.due)
            life.is_claimed(static_cast<Recipient>(random.below(3)));
          break;
        case 2:
        case 3:
          if (life.delivery.attempts > 0) {
            life.ends_attempt(1 + static_cast<unsigned>(random.below(life.delivery.attempts)),
                              static_cast<Status>(random.below(4)), "c");
          }
          break;
        case 4:
          if (random.below(10) == 0) life.receipt();
          break;
        case 5:
          if (random.below(10) == 0) life.bounce("b");
          break;
        default:
          life.now += seconds(random.below(7'200));
      }
      ASSERT_GE(rank(life.state()), rank(before)) << "run " << run << " step " << step;
      ASSERT_LE(life.delivery.attempts, kMaxAttempts);
    }
  }
}

}  // namespace
}  // namespace rostrum::notification
