// SPDX-License-Identifier: Apache-2.0
#include "common/base/result.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace rostrum {
namespace {

enum class Trouble { kBroken };

TEST(Result, holds_a_value) {
  const Result<std::string, Trouble> result(std::string("good"));
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result);
  EXPECT_EQ(result.value(), "good");
}

TEST(Result, holds_a_reason) {
  const Result<std::string, Trouble> result(Trouble::kBroken);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), Trouble::kBroken);
}

TEST(Result, is_returned_by_value_or_by_reason) {
  const auto make = [](bool good) -> Result<std::string, const char*> {
    if (good) return std::string("text");
    return "text";
  };
  EXPECT_TRUE(make(true).ok());
  EXPECT_FALSE(make(false).ok());
}

TEST(Result, gives_away_what_can_only_be_moved) {
  Result<std::unique_ptr<int>, Trouble> result(std::make_unique<int>(5));
  EXPECT_EQ(*std::move(result).value(), 5);
}

TEST(ResultDeathTest, ends_the_process_when_the_other_half_is_asked_for) {
  const Result<int, Trouble> bad(Trouble::kBroken);
  const Result<int, Trouble> good(1);
  EXPECT_DEATH((void)bad.value(), "invariant broken: ok\\(\\)");
  EXPECT_DEATH((void)good.error(), "invariant broken: !ok\\(\\)");
}

}  // namespace
}  // namespace rostrum
