// SPDX-License-Identifier: GPL-3.0-or-later
// What a member costs the gateway. In an executable of its own: it counts every allocation.
#include <cstdio>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "services/gateway/core/reporter.hpp"

namespace {

std::size_t held_bytes = 0;

/// What glibc takes from the heap for a request: its own eight bytes, rounded up to sixteen, 32 at least.
std::size_t chunk_bytes(std::size_t requested) {
  return std::max<std::size_t>(32, (requested + 8 + 15) / 16 * 16);
}

constexpr std::size_t kHead = alignof(std::max_align_t);

}  // namespace

void* operator new(std::size_t bytes) {
  auto* block = static_cast<char*>(std::malloc(bytes + kHead));
  if (block == nullptr) throw std::bad_alloc();
  *reinterpret_cast<std::size_t*>(block) = bytes;
  held_bytes += chunk_bytes(bytes);
  return block + kHead;
}
void operator delete(void* pointer) noexcept {
  if (pointer == nullptr) return;
  auto* block = static_cast<char*>(pointer) - kHead;
  held_bytes -= chunk_bytes(*reinterpret_cast<std::size_t*>(block));
  std::free(block);
}
void operator delete(void* pointer, std::size_t) noexcept {
  operator delete(pointer);
}

namespace rostrum::gateway {
namespace {

TEST(PresenceMemory, a_member_with_one_resource_and_a_status_costs_no_more_than_300_bytes) {
  constexpr std::size_t kMembers = 10'000;
  Reporter reporter(11);
  EXPECT_TRUE(reporter.own(1, 0));
  const auto before = held_bytes;
  reporter.see(ViewBegan{}, MonoTime{});
  for (std::size_t i = 0; i < kMembers; ++i) {
    const auto localpart = "firstname.lastname" + std::to_string(i);
    const Came came{{localpart, "gajim.8F3KQ2WZ"},
                    {Show::kAway, 50, "In a meeting until four, then back at my desk"},
                    MonoTime{}};
    ASSERT_EQ(reporter.see(came, MonoTime{}), std::nullopt);
  }
  reporter.see(ViewWhole{}, MonoTime{});
  std::uint64_t last = 0;
  while (const auto frame = reporter.next_frame(1'000, 200'000)) {
    last = frame->first_sequence + frame->observations.size() - 1;
    reporter.stored(1, last);
  }
  ASSERT_TRUE(reporter.at_rest());
  const auto each = (held_bytes - before) / kMembers;
  std::printf("bytes a member: %zu\n", each);
  EXPECT_LE(each, 300u);
  EXPECT_GT(each, 100u);
}

}  // namespace
}  // namespace rostrum::gateway
