// SPDX-License-Identifier: Apache-2.0
// Compiled as releases are, whatever the build at hand is: it would not link if there were anything to call.
#include <cstdlib>

#include <gtest/gtest.h>

#include "common/base/crash_point.hpp"

namespace rostrum {
namespace {

TEST(WithoutCrashPoints, a_crash_point_is_nothing) {
  ASSERT_EQ(::setenv("ROSTRUM_CRASH_AT", "intake.committed", 1), 0);
  crash_point("intake.committed");
  SUCCEED();
}

}  // namespace
}  // namespace rostrum
