// SPDX-License-Identifier: Apache-2.0
#include "common/base/crash_point.hpp"

#include <csignal>
#include <cstdlib>

#include <gtest/gtest.h>

namespace rostrum {
namespace {

/// In a process of its own, for the environment is read once.
[[noreturn]] void pass_three_times(const char* crash_at) {
  ::setenv("ROSTRUM_CRASH_AT", crash_at, 1);
  for (int pass = 0; pass < 3; ++pass) {
    crash_point("intake.inserted");
    crash_point("intake.committed");
  }
  std::_Exit(0);
}

class CrashPointDeathTest : public testing::Test {
 protected:
  void SetUp() override {
#ifndef ROSTRUM_CRASH_POINTS
    GTEST_SKIP() << "built without ROSTRUM_CRASH_POINTS";
#endif
  }
};

TEST_F(CrashPointDeathTest, kills_the_process_the_first_time_that_it_passes) {
  EXPECT_EXIT(pass_three_times("intake.committed"), testing::KilledBySignal(SIGKILL),
              "crash point intake.committed");
}

TEST_F(CrashPointDeathTest, kills_it_the_time_that_was_asked_for) {
  EXPECT_EXIT(pass_three_times("intake.committed:3"), testing::KilledBySignal(SIGKILL), "");
  EXPECT_EXIT(pass_three_times("intake.committed:4"), testing::ExitedWithCode(0), "");
}

TEST_F(CrashPointDeathTest, passes_the_others) {
  EXPECT_EXIT(pass_three_times("intake.answered"), testing::ExitedWithCode(0), "");
}

TEST_F(CrashPointDeathTest, says_so_when_what_is_asked_for_does_not_exist) {
  EXPECT_EXIT(pass_three_times("intake.forgotten"), testing::ExitedWithCode(2), "want NAME or NAME:N");
  EXPECT_EXIT(pass_three_times("intake.committed:never"), testing::ExitedWithCode(2), "want NAME or NAME:N");
  EXPECT_EXIT(pass_three_times("intake.committed:0"), testing::ExitedWithCode(2), "want NAME or NAME:N");
}

}  // namespace
}  // namespace rostrum
