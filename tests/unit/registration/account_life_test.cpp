// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/registration/core/account_life.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"

namespace rostrum::registration {
namespace {

using Goal = Account::Goal;
using State = Account::State;
using Status = AttemptResult::Status;

const AttemptResult kDone{Status::kDone, "", ""};
const AttemptResult kRetry{Status::kRetry, "no-stream", ""};
const AttemptResult kUnknown{Status::kUnknown, "stream-lost", ""};
AttemptResult failed(const std::string& condition) {
  return {Status::kFailed, condition, "words"};
}

class AccountLife : public testing::Test {
 protected:
  Uuid uuid() { return Uuid::make_v4(random); }

  /// What the claim's SQL does.
  Attempt claim() {
    account.state = State::kAttempting;
    ++account.attempt;
    account.attempted = account.attempted || (account.goal == Goal::kPresent && !account.former_claim);
    account.due_in.reset();
    return attempt_of(account);
  }
  bool settle(const Attempt& attempt, const AttemptResult& result) {
    return registration::settle(account, attempt, result, uuid(), random);
  }
  void run(const AttemptResult& result) { EXPECT_TRUE(settle(claim(), result)); }
  void make_active() { run(kDone); }

  SeededRandom random{1};
  test::FakeClock clock;
  Account account = request_account("anna@example.org", "forum", "anna", "sealed", uuid());
};

TEST_F(AccountLife, begins_requested_and_due_at_once) {
  EXPECT_EQ(account.state, State::kRequested);
  EXPECT_EQ(account.due_in, Milliseconds(0));
  EXPECT_EQ(next_action(account), Action::kCreate);
}

TEST_F(AccountLife, becomes_active_and_forgets_the_password_once_it_is_created) {
  make_active();
  EXPECT_EQ(account.state, State::kActive);
  EXPECT_TRUE(account.exists);
  EXPECT_FALSE(account.sealed_password);
}

TEST_F(AccountLife, sets_a_new_password_on_an_existing_account) {
  make_active();
  want_password(account, "newer");
  EXPECT_EQ(account.state, State::kRequested);
  const auto attempt = claim();
  EXPECT_EQ(attempt.action, Action::kSetPassword);
  settle(attempt, kDone);
  EXPECT_EQ(account.state, State::kActive);
  EXPECT_FALSE(account.sealed_password);
}

TEST_F(AccountLife, is_removed_and_forgets_its_life) {
  make_active();
  want_absent(account);
  const auto attempt = claim();
  EXPECT_EQ(attempt.action, Action::kRemove);
  settle(attempt, kDone);
  EXPECT_EQ(account.state, State::kRemoved);
  EXPECT_FALSE(account.exists);
}

TEST_F(AccountLife, is_removed_without_asking_when_the_server_cannot_know_it) {
  want_absent(account);
  EXPECT_EQ(account.state, State::kRemoved);
  EXPECT_FALSE(account.sealed_password);
}

TEST_F(AccountLife, repeats_under_the_same_claim_what_may_have_happened) {
  const auto first = claim();
  settle(first, kUnknown);
  EXPECT_EQ(account.state, State::kRequested);
  EXPECT_GT(account.due_in, Milliseconds(0));
  EXPECT_EQ(claim().claim, first.claim);
}

TEST_F(AccountLife, does_not_count_a_refusal_as_a_failure) {
  for (int i = 0; i < 100; ++i) run(kRetry);
  EXPECT_EQ(account.state, State::kRequested);
  EXPECT_EQ(account.failures, 0);
}

TEST_F(AccountLife, counts_as_attempts_what_a_gateway_may_have_begun) {
  run(kRetry);
  EXPECT_EQ(account.attempts, 0);
  run(kUnknown);
  EXPECT_EQ(account.attempts, 1);
  run(failed("resource-constraint"));
  EXPECT_EQ(account.attempts, 2);
  EXPECT_EQ(account.failures, 1) << "a stream that died under it is nobody's failure";
  want_password(account, "another");
  EXPECT_EQ(account.attempts, 0);
}

TEST_F(AccountLife, is_not_given_up_for_streams_that_die_under_it_but_repeated_more_slowly) {
  auto longest = Milliseconds(0);
  for (int i = 0; i < 100; ++i) {
    run(kUnknown);
    ASSERT_EQ(account.state, State::kRequested);
    longest = std::max(longest, *account.due_in);
  }
  EXPECT_GE(longest, Milliseconds(30'000));
  EXPECT_LE(longest, Milliseconds(60'000));
  EXPECT_EQ(account.failures, 0);
}

TEST_F(AccountLife, is_a_dead_letter_when_nobody_was_there_for_too_long) {
  run(kRetry);
  give_up_waiting(account);
  EXPECT_EQ(account.state, State::kDead);
  EXPECT_EQ(account.dead_letter->reason, "nobody-there");
  EXPECT_EQ(account.dead_letter->action, "create_account");
  EXPECT_TRUE(account.sealed_password) << "a replay will need it";
}

TEST_F(AccountLife, is_a_dead_letter_when_nobody_told_how_it_went_for_too_long) {
  run(kUnknown);
  give_up_waiting(account);
  EXPECT_EQ(account.dead_letter->reason, "unconfirmed");
}

TEST_F(AccountLife, is_set_in_motion_again_by_the_site_after_the_operator_dropped_it) {
  run(failed("jid-malformed"));
  account.state = State::kDropped;  // and its password is gone
  account.sealed_password.reset();
  want_password(account, "again");
  EXPECT_EQ(account.state, State::kRequested);
  EXPECT_EQ(next_action(account), Action::kCreate);
  account.state = State::kDropped;
  want_absent(account);
  EXPECT_EQ(account.state, State::kRequested) << "the server may know its claim";
}

TEST_F(AccountLife, is_a_dead_letter_when_somebody_else_s_account_is_there) {
  run(failed("conflict"));
  EXPECT_EQ(account.state, State::kDead);
  EXPECT_EQ(account.dead_letter->reason, "conflict");
  EXPECT_EQ(account.dead_letter->action, "create_account");
  EXPECT_TRUE(account.sealed_password) << "a replay will need it";
  EXPECT_EQ(account.attempts, 1);
}

TEST_F(AccountLife, tries_again_with_back_off_while_it_may_pass_and_then_gives_up) {
  for (int i = 1; i < kMaxFailures; ++i) {
    run(failed("resource-constraint"));
    ASSERT_EQ(account.state, State::kRequested) << i;
    ASSERT_GE(account.due_in, Milliseconds(1'000));
  }
  run(failed("resource-constraint"));
  EXPECT_EQ(account.state, State::kDead);
  EXPECT_EQ(account.dead_letter->reason, "resource-constraint");
  EXPECT_TRUE(account.sealed_password) << "a replay will need it";
}

TEST_F(AccountLife, gives_up_at_once_what_will_not_pass) {
  run(failed("jid-malformed"));
  EXPECT_EQ(account.state, State::kDead);
}

TEST_F(AccountLife, counts_failures_in_a_row_only) {
  run(failed("resource-constraint"));
  run(kDone);
  EXPECT_EQ(account.failures, 0);
}

TEST_F(AccountLife, lives_again_when_a_password_comes_for_a_dead_one) {
  run(failed("conflict"));
  want_password(account, "again");
  EXPECT_EQ(account.state, State::kRequested);
  EXPECT_EQ(next_action(account), Action::kCreate);
}

TEST_F(AccountLife, sees_a_password_that_came_while_the_creation_was_in_flight) {
  const auto attempt = claim();
  want_password(account, "newer");
  EXPECT_EQ(account.state, State::kAttempting);
  settle(attempt, kDone);
  EXPECT_EQ(account.state, State::kRequested);
  EXPECT_EQ(account.sealed_password, "newer");
  EXPECT_EQ(next_action(account), Action::kSetPassword);
}

TEST_F(AccountLife, sees_a_removal_that_came_while_the_creation_was_in_flight) {
  for (const auto& result : {kDone, kUnknown, kRetry, failed("conflict"), failed("jid-malformed")}) {
    account = request_account("anna@example.org", "forum", "anna", "sealed", uuid());
    const auto attempt = claim();
    want_absent(account);
    settle(attempt, result);
    ASSERT_EQ(account.state, State::kRequested);
    ASSERT_EQ(next_action(account), Action::kRemove);
    run(kDone);
    ASSERT_EQ(account.state, State::kRemoved);
  }
}

TEST_F(AccountLife, ignores_a_result_that_comes_after_the_hold_when_another_attempt_holds_it) {
  const auto late = claim();
  const auto current = claim();
  EXPECT_FALSE(settle(late, failed("conflict")));
  EXPECT_EQ(account.state, State::kAttempting);
  EXPECT_TRUE(settle(current, kDone));
  EXPECT_FALSE(settle(late, failed("conflict")));
  EXPECT_EQ(account.state, State::kActive);
}

TEST_F(AccountLife, removes_what_an_earlier_member_left_before_it_creates_anew) {
  make_active();
  const auto first_claim = account.claim;
  want_absent(account);
  request_again(account, "shop", "bob", "bob's", uuid());
  EXPECT_EQ(account.source, "shop");
  auto attempt = claim();
  EXPECT_EQ(attempt.action, Action::kRemove);
  EXPECT_EQ(attempt.claim, first_claim);
  settle(attempt, kDone);
  EXPECT_EQ(account.state, State::kRequested);
  attempt = claim();
  EXPECT_EQ(attempt.action, Action::kCreate);
  EXPECT_NE(attempt.claim, first_claim);
  settle(attempt, kDone);
  EXPECT_EQ(account.state, State::kActive);
}

TEST_F(AccountLife, removes_the_earlier_account_also_when_its_creation_is_still_in_flight) {
  const auto creation = claim();
  want_absent(account);
  request_again(account, "forum", "anna", "second", uuid());
  settle(creation, kDone);
  EXPECT_FALSE(account.exists) << "what was created belongs to the earlier life";
  const auto attempt = claim();
  EXPECT_EQ(attempt.action, Action::kRemove);
  EXPECT_EQ(attempt.claim, creation.claim);
}

TEST_F(AccountLife, takes_a_removal_for_done_when_the_account_is_not_ours_or_not_there) {
  for (const auto* condition : {"conflict", "item-not-found"}) {
    account = request_account("anna@example.org", "forum", "anna", "sealed", uuid());
    make_active();
    want_absent(account);
    run(failed(condition));
    EXPECT_EQ(account.state, State::kRemoved);
  }
}

TEST_F(AccountLife, is_a_dead_letter_when_it_vanished_and_lives_again_under_another_claim) {
  make_active();
  const auto first_claim = account.claim;
  EXPECT_TRUE(note_vanished(account, clock.wall(), uuid()));
  EXPECT_EQ(account.state, State::kDead);
  EXPECT_EQ(account.dead_letter->reason, "vanished");
  want_password(account, "again");
  EXPECT_EQ(account.state, State::kRequested);
  EXPECT_EQ(next_action(account), Action::kCreate);
  EXPECT_NE(account.claim, first_claim);
}

TEST_F(AccountLife, is_created_anew_at_once_when_it_vanished_while_a_password_waited) {
  make_active();
  want_password(account, "newer");
  EXPECT_TRUE(note_vanished(account, clock.wall(), uuid()));
  EXPECT_EQ(account.state, State::kRequested);
  EXPECT_EQ(next_action(account), Action::kCreate);
}

TEST_F(AccountLife, ignores_late_news_of_an_earlier_life) {
  EXPECT_FALSE(note_vanished(account, clock.wall(), uuid())) << "not there yet";
  make_active();
  account.exists_since = clock.wall();
  EXPECT_FALSE(note_vanished(account, clock.wall() - Milliseconds(1), uuid()));
  want_absent(account);
  EXPECT_FALSE(note_vanished(account, clock.wall() + Milliseconds(1), uuid())) << "not wanted anyway";
}

TEST_F(AccountLife, is_created_anew_when_the_server_does_not_know_it_at_a_password_change) {
  make_active();
  want_password(account, "newer");
  const auto attempt = claim();
  settle(attempt, failed("item-not-found"));
  EXPECT_EQ(account.state, State::kRequested);
  EXPECT_EQ(next_action(account), Action::kCreate);
  EXPECT_NE(account.claim, attempt.claim);
}

TEST_F(AccountLife, holds_its_invariants_through_any_history) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SeededRandom chance(seed);
    account = request_account("anna@example.org", "forum", "anna", "sealed", uuid());
    std::optional<Attempt> in_flight;
    bool wanted = true;
    const auto random_result = [&]() -> AttemptResult {
      switch (chance.below(6)) {
        case 0:
          return kRetry;
        case 1:
          return kUnknown;
        case 2:
          return failed("conflict");
        case 3:
          return failed("item-not-found");
        case 4:
          return failed("resource-constraint");
        default:
          return kDone;
      }
    };
    for (int step = 0; step < 200; ++step) {
      switch (chance.below(6)) {
        case 0:
          if (wanted) want_password(account, "p");
          break;
        case 1:
          if (wanted) want_absent(account);
          wanted = false;
          break;
        case 2:
          if (!wanted) request_again(account, "forum", "anna", "p", uuid());
          wanted = true;
          break;
        case 3:
          note_vanished(account, clock.wall(), uuid());
          break;
        default:
          if (in_flight) {
            settle(*in_flight, random_result());
            in_flight.reset();
          } else if (account.state == State::kRequested) {
            in_flight = claim();
          }
      }
      ASSERT_EQ(account.state == State::kAttempting, in_flight.has_value());
      ASSERT_EQ(account.goal == Goal::kPresent, wanted);
      ASSERT_FALSE(account.former_claim && account.attempted);
      if (account.state == State::kActive)
        ASSERT_TRUE(wanted && account.exists && !account.sealed_password && !account.former_claim);
      if (account.state == State::kRemoved)
        ASSERT_TRUE(!wanted && !account.exists && !account.sealed_password && !account.former_claim);
      if (account.state == State::kRequested && next_action(account) != Action::kRemove)
        ASSERT_TRUE(account.sealed_password.has_value());
    }
    // Left alone with a server that answers, it comes to its end.
    for (int i = 0; i < 4 && (in_flight || account.state == State::kRequested); ++i) {
      if (!in_flight) in_flight = claim();
      settle(*in_flight, kDone);
      in_flight.reset();
    }
    ASSERT_TRUE(account.state == State::kActive || account.state == State::kRemoved ||
                account.state == State::kDead)
        << seed;
  }
}

}  // namespace
}  // namespace rostrum::registration
