// SPDX-License-Identifier: Apache-2.0
#include "common/bus/command_client_core.hpp"

#include <gtest/gtest.h>

#include "rostrum/v1/command.pb.h"
#include "tests/unit/common/bus/conversation.hpp"

namespace rostrum::bus::test {
namespace {

using Status = CommandResult::Status;

class CommandClientTest : public testing::Test {
 protected:
  static WelcomeFrame welcome(char instance, std::uint64_t credit, std::uint64_t bytes = 100'000) {
    return {std::string(16, instance), {credit, bytes}, 10'000, 10'000, 4, 0, "registration"};
  }
  MonoTime now() const { return clock_.mono(); }
  Uuid asks(std::optional<std::size_t> expected_gateway = 0) {
    const auto id = Uuid::make_v4(random_);
    EXPECT_EQ(core_.send(id, std::make_shared<v1::Command>(), 50, milliseconds{1'000}, now()),
              expected_gateway);
    return id;
  }
  std::vector<std::string> sends(std::size_t gateway) {
    std::vector<std::string> ids;
    if (const auto frame = core_.next_frame(gateway, now())) {
      for (const auto& item : frame->commands) ids.push_back(item.id);
    }
    return ids;
  }
  std::vector<EndedCommand> hears(std::size_t gateway, const Uuid& id) {
    return core_.answered(gateway, {{{id.to_bytes(), {Status::kDone, "", "", {}}}}});
  }
  static void expect_one(const std::vector<EndedCommand>& ended, const Uuid& id, Status status) {
    ASSERT_EQ(ended.size(), 1U);
    EXPECT_EQ(ended[0].id, id);
    EXPECT_EQ(ended[0].result.status, status);
  }
  using Ids = std::vector<std::string>;

  FakeClock clock_;
  SeededRandom random_{11};
  CommandClientCore core_{2, milliseconds{500}};
};

TEST_F(CommandClientTest, asks_nobody_without_credit) {
  asks(std::nullopt);
  static_cast<void>(core_.welcomed(0, welcome('a', 1)));
  asks(0);
  asks(std::nullopt);
  EXPECT_EQ(core_.in_flight(), 1U);
}

TEST_F(CommandClientTest, asks_nobody_who_has_no_bytes_left_and_spends_to_the_byte_what_the_gateway_counts) {
  const auto largest = size_of_command(50, 60'000);
  static_cast<void>(core_.welcomed(0, welcome('a', 10, 2 * largest)));
  asks(0);
  asks(0);
  asks(std::nullopt);
  const auto frame = core_.next_frame(0, now());
  ASSERT_TRUE(frame);
  ASSERT_EQ(frame->commands.size(), 2U);
  EXPECT_EQ(load_of(*frame), (Load{2, 2 * size_of_command(50, 1'000)}));
  core_.credited(0, {{10, load_of(*frame).bytes + largest}});
  asks(0);
  asks(std::nullopt);
}

TEST_F(CommandClientTest, asks_others_while_a_gateway_pauses_and_sends_it_nothing) {
  static_cast<void>(core_.welcomed(0, welcome('a', 10)));
  static_cast<void>(core_.welcomed(1, welcome('b', 1)));
  const auto waiting = asks(0);
  core_.credited(0, {{10, 100'000}, true});
  EXPECT_EQ(sends(0), Ids{});
  EXPECT_EQ(core_.credit(), 1U);
  asks(1);
  asks(std::nullopt);
  EXPECT_FALSE(core_.too_large(50)) << "it will take such again";
  core_.credited(0, {{10, 100'000}});
  EXPECT_EQ(sends(0), Ids{waiting.to_bytes()});
  asks(0);
}

TEST_F(CommandClientTest, tells_what_waits_for_bytes_from_what_fits_into_no_frame) {
  EXPECT_FALSE(core_.too_large(1'000'000));  // who knows what the next gateway takes
  static_cast<void>(core_.welcomed(0, welcome('a', 10, size_of_command(50, 60'000) - 1)));
  asks(std::nullopt);
  EXPECT_EQ(core_.credit(), 0U);
  EXPECT_FALSE(core_.too_large(50));
  EXPECT_TRUE(core_.too_large(10'000));
  static_cast<void>(core_.welcomed(1, {std::string(16, 'b'), {1, 1}, 20'000, 20'000, 4, 0, "registration"}));
  EXPECT_FALSE(core_.too_large(10'000));
}

TEST_F(CommandClientTest, spreads_over_gateways_fewest_in_flight_first) {
  static_cast<void>(core_.welcomed(0, welcome('a', 10)));
  const auto first = asks(0);
  static_cast<void>(core_.welcomed(1, welcome('b', 10)));
  EXPECT_EQ(core_.credit(), 19U);
  asks(1);
  asks(0);
  asks(1);
  static_cast<void>(sends(0));
  static_cast<void>(hears(0, first));
  asks(0);
  EXPECT_EQ(core_.gateways(), 2U);
}

TEST_F(CommandClientTest, gives_each_command_one_result) {
  static_cast<void>(core_.welcomed(0, welcome('a', 10)));
  const auto id = asks();
  EXPECT_EQ(sends(0), (Ids{id.to_bytes()}));
  expect_one(hears(0, id), id, Status::kDone);
  EXPECT_TRUE(hears(0, id).empty());
  EXPECT_FALSE(core_.wake_at());
}

TEST_F(CommandClientTest, does_not_believe_another_gateways_result) {
  static_cast<void>(core_.welcomed(0, welcome('a', 10)));
  static_cast<void>(core_.welcomed(1, welcome('b', 10)));
  const auto id = asks(0);
  static_cast<void>(sends(0));
  EXPECT_TRUE(hears(1, id).empty());
  EXPECT_EQ(core_.in_flight(), 1U);
}

TEST_F(CommandClientTest, sends_again_under_the_same_id_when_the_same_gateway_comes_back) {
  static_cast<void>(core_.welcomed(0, welcome('a', 10)));
  const auto first = asks();
  const auto second = asks();
  static_cast<void>(sends(0));
  core_.lost(0);
  EXPECT_EQ(core_.credit(), 0U);
  EXPECT_EQ(sends(0), Ids{});
  clock_.advance(milliseconds{400});
  EXPECT_TRUE(core_.welcomed(0, welcome('a', 10)).empty());
  const auto frame = core_.next_frame(0, now());
  ASSERT_TRUE(frame);
  ASSERT_EQ(frame->commands.size(), 2U);
  EXPECT_EQ(frame->commands[0].id, first.to_bytes());
  EXPECT_EQ(frame->commands[1].id, second.to_bytes());
  EXPECT_EQ(frame->commands[0].time_to_live_ms, 600U) << "a repeat must not live longer than the first";
}

TEST_F(CommandClientTest, says_unknown_when_its_gateway_was_replaced_and_retry_for_what_never_left) {
  static_cast<void>(core_.welcomed(0, welcome('a', 1)));
  const auto sent = asks();
  static_cast<void>(sends(0));
  core_.lost(0);
  expect_one(core_.welcomed(0, welcome('b', 10)), sent, Status::kUnknown);
  const auto unsent = asks();
  core_.lost(0);
  expect_one(core_.welcomed(0, welcome('c', 10)), unsent, Status::kRetry);
}

TEST_F(CommandClientTest, gives_up_after_time_to_live_and_the_stanzas_deadline) {
  static_cast<void>(core_.welcomed(0, welcome('a', 10)));
  const auto sent = asks();
  static_cast<void>(sends(0));
  core_.lost(0);
  clock_.advance(milliseconds{1'499});
  EXPECT_TRUE(core_.tick(now()).empty());
  clock_.advance(milliseconds{1});
  EXPECT_EQ(core_.wake_at(), now());
  expect_one(core_.tick(now()), sent, Status::kUnknown);
  static_cast<void>(core_.welcomed(0, welcome('a', 10)));
  EXPECT_EQ(sends(0), Ids{});
  const auto unsent = asks();
  clock_.advance(milliseconds{1'500});
  expect_one(core_.tick(now()), unsent, Status::kRetry);
}

TEST_F(CommandClientTest, keeps_to_batch_and_credit_when_sending_again) {
  static_cast<void>(core_.welcomed(0, welcome('a', 6)));
  for (int i = 0; i < 6; ++i) asks();
  EXPECT_EQ(sends(0).size(), 4U);
  EXPECT_EQ(sends(0).size(), 2U);
  core_.lost(0);
  static_cast<void>(core_.welcomed(0, welcome('a', 3)));
  EXPECT_EQ(sends(0).size(), 3U);
  EXPECT_EQ(sends(0).size(), 0U);
  core_.credited(0, {{6, 100'000}});
  EXPECT_EQ(sends(0).size(), 3U);
}

TEST_F(CommandClientTest, needs_a_gateway_while_it_is_connected_or_has_something_to_answer) {
  const auto third = core_.add();
  EXPECT_EQ(third, 2U);
  EXPECT_FALSE(core_.needed(third));
  static_cast<void>(core_.welcomed(third, welcome('a', 10)));
  const auto id = asks(third);
  static_cast<void>(sends(third));
  EXPECT_TRUE(core_.needed(third));
  core_.lost(third);
  EXPECT_TRUE(core_.needed(third)) << "it may come back and tell";
  clock_.advance(milliseconds{1'500});
  expect_one(core_.tick(now()), id, Status::kUnknown);
  EXPECT_FALSE(core_.needed(third));
  core_.remove(third);
  asks(std::nullopt);
  EXPECT_EQ(core_.add(), 3U) << "an index is never used twice";
}

}  // namespace
}  // namespace rostrum::bus::test
