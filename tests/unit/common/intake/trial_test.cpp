// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/intake/trial.hpp"

#include <gtest/gtest.h>

namespace rostrum::intake {
namespace {

using enum Trial::Verdict;

TEST(Trial, finds_an_event_guilty_when_the_witness_went_through_three_times) {
  Trial trial;
  EXPECT_EQ(trial.rehearsed(true), kOpen);
  EXPECT_EQ(trial.rehearsed(true), kOpen);
  EXPECT_EQ(trial.rehearsed(true), kGuilty);
}

TEST(Trial, begins_anew_when_the_witness_fails_too) {
  Trial trial;
  for (int round = 0; round < 10; ++round) {
    EXPECT_EQ(trial.rehearsed(true), kOpen);
    EXPECT_EQ(trial.rehearsed(true), kOpen);
    EXPECT_EQ(trial.rehearsed(false), kOpen);
  }
}

TEST(Trial, of_a_database_that_fails_for_all_never_ends) {
  Trial trial;
  EXPECT_TRUE(trial.begins());
  for (int round = 0; round < 1'000; ++round) EXPECT_EQ(trial.rehearsed(false), kOpen);
  EXPECT_FALSE(trial.begins());
}

}  // namespace
}  // namespace rostrum::intake
