// SPDX-License-Identifier: Apache-2.0
#include "common/base/random.hpp"

#include <array>
#include <cstring>
#include <limits>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace rostrum {
namespace {

/// Hands out given numbers, to reach the rare branch.
class ScriptedRandom final : public Random {
 public:
  explicit ScriptedRandom(std::vector<std::uint64_t> numbers) : numbers_(std::move(numbers)) {}
  void fill(std::span<std::byte> out) override {
    ASSERT_LT(next_, numbers_.size());
    ASSERT_EQ(out.size(), sizeof numbers_[0]);
    std::memcpy(out.data(), &numbers_[next_++], out.size());
  }

 private:
  std::vector<std::uint64_t> numbers_;
  std::size_t next_ = 0;
};

TEST(SeededRandom, gives_the_numbers_of_splitmix64) {
  SeededRandom random(1234567);
  std::array<std::uint64_t, 3> numbers{};
  random.fill(std::as_writable_bytes(std::span(numbers)));
  // The first three of the reference implementation for this seed.
  EXPECT_EQ(numbers,
            (std::array<std::uint64_t, 3>{6457827717110365317U, 3203168211198807973U, 9817491932198370423U}));
}

TEST(SeededRandom, repeats_a_seed_and_differs_between_seeds) {
  EXPECT_EQ(SeededRandom(1).hex(19), SeededRandom(1).hex(19));
  EXPECT_NE(SeededRandom(1).hex(19), SeededRandom(2).hex(19));
}

TEST(Random, writes_two_lower_case_digits_for_each_byte) {
  SeededRandom random(3);
  const auto text = random.hex(500);
  EXPECT_EQ(text.size(), 1000U);
  EXPECT_EQ(text.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(random.hex(0), "");
}

TEST(Random, draws_every_number_below_the_bound_and_no_other) {
  SeededRandom random(4);
  std::array<int, 6> counts{};
  for (int i = 0; i < 6000; ++i) ++counts.at(random.below(6));
  for (const int count : counts) EXPECT_NEAR(count, 1000, 150);
  EXPECT_EQ(random.below(1), 0U);
}

TEST(Random, draws_again_where_the_remainder_would_be_uneven) {
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  ScriptedRandom random({kMost, kMost - kMost % 10, 42});
  EXPECT_EQ(random.below(10), 2U);
}

TEST(RandomDeathTest, refuses_a_bound_of_zero) {
  SeededRandom random(5);
  EXPECT_DEATH((void)random.below(0), "invariant broken");
}

TEST(SystemRandom, fills_long_buffers_and_never_repeats) {
  SystemRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(seen.insert(random.hex(16)).second);
  EXPECT_EQ(random.hex(100000).size(), 200000U);
}

}  // namespace
}  // namespace rostrum
