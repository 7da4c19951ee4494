// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/progress.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "clients/cli/progress_line.hpp"

namespace rostrum::cli {
namespace {

Json notice(const char* state, int sent, int delivered, int failed) {
  return {{"state", state},
          {"total", 10},
          {"queued", 10 - sent - delivered - failed},
          {"sent", sent},
          {"delivered", delivered},
          {"failed", failed},
          {"expired", 0},
          {"suppressed", 0}};
}

TEST(Progress, counts_the_delivered_among_the_sent) {
  EXPECT_EQ(progress_line(notice("sending", 2, 3, 0)), "5 of 10 sent, 3 delivered");
}

TEST(Progress, names_what_went_wrong_only_when_something_did) {
  EXPECT_EQ(progress_line(notice("done", 0, 9, 1)), "9 of 10 sent, 9 delivered, 1 failed");
}

TEST(Progress, says_that_the_total_may_still_grow) {
  EXPECT_EQ(progress_line(notice("expanding", 0, 0, 0)),
            "0 of 10 sent, 0 delivered (still gathering the audience)");
}

TEST(ProgressBar, is_as_full_as_the_work_is_done) {
  EXPECT_EQ(progress_bar(0, 10), "[--------------------]   0%");
  EXPECT_EQ(progress_bar(3, 8), "[#######-------------]  37%");
  EXPECT_EQ(progress_bar(9'999, 10'000), "[###################-]  99%");
  EXPECT_EQ(progress_bar(10, 10), "[####################] 100%");
  EXPECT_EQ(progress_bar(11, 10), "[####################] 100%");
  EXPECT_EQ(progress_bar(0, 0), "[####################] 100%");
}

}  // namespace
}  // namespace rostrum::cli
