// SPDX-License-Identifier: Apache-2.0
#include "common/base/secret.hpp"

#include <concepts>
#include <ostream>
#include <type_traits>

#include <gtest/gtest.h>

namespace rostrum {
namespace {

template <class T>
concept Streamable = requires(std::ostream& stream, const T& value) {
  stream << value;
};

static_assert(Streamable<std::string> && !Streamable<Secret>, "a secret cannot be printed");
static_assert(!std::is_convertible_v<Secret, std::string> &&
              !std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<std::string, Secret>, "becoming a secret is written down");
static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(!std::equality_comparable<Secret>, "comparing byte by byte would tell where they differ");

constexpr std::size_t kShort = 8;   // lives inside the string object
constexpr std::size_t kLong = 200;  // lives on the heap

class SecretOfLength : public testing::TestWithParam<std::size_t> {
 protected:
  std::string text_ = std::string(GetParam(), 'k');
};

TEST_P(SecretOfLength, reveals_what_it_was_given) {
  const Secret secret(text_);
  EXPECT_EQ(secret.reveal(), text_);
  EXPECT_FALSE(secret.empty());
}

TEST_P(SecretOfLength, leaves_nothing_behind_when_it_moves) {
  Secret first(text_);
  const Secret second(std::move(first));
  EXPECT_EQ(second.reveal(), text_);
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): this is the promise
  Secret third;
  third = second.duplicate();
  EXPECT_EQ(third.reveal(), second.reveal());
}

TEST_P(SecretOfLength, survives_being_assigned_to_itself) {
  Secret secret(text_);
  auto& same = secret;
  secret = std::move(same);
  EXPECT_EQ(secret.reveal(), text_);
}

INSTANTIATE_TEST_SUITE_P(Lengths, SecretOfLength, testing::Values(kShort, kLong));

TEST(Secret, overwrites_a_short_text_inside_the_object_it_moved_from) {
  Secret first(std::string(kShort, 'k'));
  const auto* where = first.reveal().data();
  const Secret second(std::move(first));
  // The short text was a part of `first`, which still lives: reading it is allowed.
  for (std::size_t i = 0; i < kShort; ++i) EXPECT_EQ(where[i], '\0');
}

TEST(Secret, is_empty_by_default) {
  EXPECT_TRUE(Secret().empty());
}

}  // namespace
}  // namespace rostrum
