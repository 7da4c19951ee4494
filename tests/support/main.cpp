// SPDX-License-Identifier: Apache-2.0
// In place of GoogleTest's own main() where a test may find that its counterpart is not installed: then it is
// skipped for CTest too.
#include <gtest/gtest.h>

namespace {

constexpr int kSkipped = 77;  // rostrum_test's SKIP_RETURN_CODE

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const int failed = RUN_ALL_TESTS();
  if (failed != 0) return failed;
  return testing::UnitTest::GetInstance()->skipped_test_count() > 0 ? kSkipped : 0;
}
