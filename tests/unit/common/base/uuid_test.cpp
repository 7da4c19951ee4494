// SPDX-License-Identifier: Apache-2.0
#include "common/base/uuid.hpp"

#include <unordered_set>

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"

namespace rostrum {
namespace {

// The example of RFC 9562 appendix A.6: 2022-02-22T19:22:22Z.
constexpr auto* kExample = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";

TEST(Uuid, reads_and_writes_the_text_form) {
  const auto uuid = Uuid::parse(kExample);
  ASSERT_TRUE(uuid);
  EXPECT_EQ(uuid->to_string(), kExample);
  EXPECT_EQ(Uuid::parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"), uuid);
  EXPECT_EQ(Uuid::from_bytes(uuid->to_bytes()), uuid);
  EXPECT_EQ(uuid->version(), 7);
  EXPECT_EQ(uuid->time().time_since_epoch().count(), 1645557742000);
  EXPECT_EQ(Uuid().to_string(), "00000000-0000-0000-0000-000000000000");
}

TEST(Uuid, refuses_every_other_text) {
  for (const auto* text : {"", "017f22e279b07cc398c4dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
                           "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
                           "017f22e2_79b0-7cc3-98c4-dc0c0c07398f", "017f22e-279b0-7cc3-98c4-dc0c0c07398f",
                           "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}", " 17f22e2-79b0-7cc3-98c4-dc0c0c07398f"}) {
    EXPECT_FALSE(Uuid::parse(text)) << text;
  }
}

TEST(Uuid, has_exactly_16_bytes) {
  EXPECT_FALSE(Uuid::from_bytes(""));
  EXPECT_FALSE(Uuid::from_bytes(std::string(15, 'x')));
  EXPECT_FALSE(Uuid::from_bytes(std::string(17, 'x')));
}

TEST(Uuid, version_7_carries_its_time_and_orders_by_it) {
  SeededRandom random(1);
  test::FakeClock clock;
  auto before = Uuid::make_v7(clock.wall(), random);
  EXPECT_EQ(before.time(), clock.wall());
  for (int i = 0; i < 1000; ++i) {
    clock.advance(Milliseconds{1});
    const auto next = Uuid::make_v7(clock.wall(), random);
    ASSERT_LT(before, next);
    ASSERT_LT(before.to_string(), next.to_string());
    before = next;
  }
}

TEST(Uuid, sets_version_and_variant_and_leaves_all_other_bits_to_chance) {
  SeededRandom random(2);
  std::array<int, 128> ones{};
  for (int i = 0; i < 1000; ++i) {
    const auto bytes = Uuid::make_v4(random).to_bytes();
    for (std::size_t bit = 0; bit < 128; ++bit) {
      ones.at(bit) += (static_cast<unsigned char>(bytes[bit / 8]) >> (7 - bit % 8)) & 1;
    }
  }
  const auto fixed = [](std::size_t bit) { return (bit >= 48 && bit < 52) || bit == 64 || bit == 65; };
  for (std::size_t bit = 0; bit < 128; ++bit) {
    if (!fixed(bit)) EXPECT_NEAR(ones.at(bit), 500, 100) << bit;
  }
  EXPECT_EQ(Uuid::make_v4(random).version(), 4);
  EXPECT_EQ(ones[64], 1000);
  EXPECT_EQ(ones[65], 0);
}

TEST(EventId, is_a_version_7_of_the_rfcs_variant) {
  EXPECT_TRUE(EventId::parse(kExample));
  EXPECT_FALSE(EventId::parse("017f22e2-79b0-4cc3-98c4-dc0c0c07398f")) << "version 4";
  EXPECT_FALSE(EventId::parse("017f22e2-79b0-7cc3-18c4-dc0c0c07398f")) << "variant of NCS";
  EXPECT_FALSE(EventId::parse("017f22e2-79b0-7cc3-d8c4-dc0c0c07398f")) << "variant of Microsoft";
  EXPECT_FALSE(EventId::from_bytes(std::string(16, '\0')));
  EXPECT_FALSE(EventId::from_bytes("short"));
}

TEST(EventId, survives_the_way_through_bytes_and_text) {
  SeededRandom random(3);
  const auto id = EventId::make(test::FakeClock::kStartWall, random);
  EXPECT_EQ(EventId::from_bytes(id.to_bytes()), id);
  EXPECT_EQ(EventId::parse(id.to_string()), id);
  EXPECT_EQ(id.time(), test::FakeClock::kStartWall);
}

TEST(EventId, can_be_a_key_of_a_hash_table) {
  SeededRandom random(4);
  std::unordered_set<EventId> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(EventId::make(test::FakeClock::kStartWall, random));
  EXPECT_EQ(ids.size(), 1000U);
}

}  // namespace
}  // namespace rostrum
