// SPDX-License-Identifier: Apache-2.0
#include "common/bus/frames.hpp"

#include <gtest/gtest.h>

#include "common/base/random.hpp"
#include "common/bus/parse.hpp"
#include "rostrum/v1/bus.pb.h"
#include "rostrum/v1/command.pb.h"

namespace rostrum::bus {
namespace {

template <class Kind>
Kind round_trip(const Kind& frame) {
  const auto decoded = decode(encode(frame));
  EXPECT_TRUE(decoded);
  return std::get<Kind>(*decoded);
}

TEST(Frames, come_back_from_bytes_as_they_were) {
  EXPECT_EQ(round_trip(HelloFrame{1, LinkKind::kCommand}).link, LinkKind::kCommand);
  const auto welcome = round_trip(WelcomeFrame{std::string(16, 'i'), {7, 9}, 1, 2, 3, 4, "forum"});
  EXPECT_EQ(welcome.instance, std::string(16, 'i'));
  EXPECT_EQ(welcome.credit, (Load{7, 9}));
  EXPECT_EQ(welcome.known_as, "forum");
  EXPECT_EQ(round_trip(CreditFrame{{1ULL << 40, 1ULL << 50}}).credit, (Load{1ULL << 40, 1ULL << 50}));
  EXPECT_TRUE(round_trip(CreditFrame{{5, 500}, true}).paused);
  EXPECT_FALSE(round_trip(CreditFrame{{5, 500}}).paused);
  EXPECT_EQ(round_trip(RefusalFrame{RefusalCode::kOverCredit, "wait"}).code, RefusalCode::kOverCredit);
  EXPECT_EQ(round_trip(BatchFrame{{"a", std::string("\0b", 2)}}).events,
            (std::vector<std::string>{"a", std::string("\0b", 2)}));
  const auto outcomes =
      round_trip(OutcomesFrame{{{"id", OutcomesFrame::Outcome::Status::kRejected, 9, "why"}}});
  EXPECT_EQ(outcomes.outcomes.at(0).rejection_code, 9);
  const auto results = round_trip(
      ResultsFrame{{{"id", {CommandResult::Status::kFailed, "conflict", "text", {{"n", true, "d", "r"}}}}}});
  EXPECT_EQ(results.results.at(0).result.condition, "conflict");
  EXPECT_EQ(results.results.at(0).result.findings.at(0).remedy, "r");
}

TEST(Frames, name_a_commands_action_and_keep_its_content) {
  v1::Frame frame;
  auto& command = *frame.mutable_commands()->add_commands();
  command.set_id("0123456789abcdef");
  command.set_time_to_live_ms(500);
  command.mutable_remove_account()->set_jid("anna@example.org");
  const auto decoded = std::get<CommandsFrame>(*decode(frame.SerializeAsString()));
  EXPECT_EQ(decoded.commands.at(0).type, "remove_account");
  EXPECT_TRUE(decoded.commands.at(0).fully_known);
  EXPECT_EQ(encode(decoded), frame.SerializeAsString());
}

TEST(Frames, refuse_what_is_not_a_frame) {
  EXPECT_FALSE(decode(""));
  EXPECT_FALSE(decode("garbage"));
  EXPECT_FALSE(decode(encode(CreditFrame{{5, 500}}) + "\x07"));
  SeededRandom random(1);
  for (int i = 0; i < 10'000; ++i) {
    std::string bytes(random.below(64), '\0');
    random.fill(std::as_writable_bytes(std::span(bytes)));
    static_cast<void>(decode(bytes));  // must not crash; ASan and UBSan look on
  }
}

TEST(Frames, pass_over_fields_of_later_versions_but_tell_of_them_inside_commands) {
  v1::Frame frame;
  frame.mutable_hello()->set_protocol_version(1);
  frame.mutable_hello()->set_link(v1::LINK_KIND_EVENT);
  frame.mutable_hello()->GetReflection()->MutableUnknownFields(frame.mutable_hello())->AddVarint(99, 1);
  EXPECT_TRUE(decode(frame.SerializeAsString()));
  auto& command = *frame.mutable_commands()->add_commands();
  command.mutable_send_message()->set_to("anna@example.org");
  command.GetReflection()->MutableUnknownFields(command.mutable_send_message())->AddVarint(99, 1);
  EXPECT_FALSE(std::get<CommandsFrame>(*decode(frame.SerializeAsString())).commands.at(0).fully_known);
}

TEST(Frames, cost_the_bytes_of_their_items_as_they_are_serialised) {
  EXPECT_EQ(load_of(BatchFrame{{"four", "", "seven77"}}), (Load{3, 11}));
  EXPECT_EQ(load_of(ObservationsFrame{"example.org", 1, 1, {"seen"}}), (Load{1, 4}));
  for (const std::uint32_t time_to_live_ms : {1U, 127U, 128U, 5'000U, 16'384U, 60'000U}) {
    auto command = std::make_shared<v1::Command>();
    command->mutable_remove_account()->set_jid("anna@example.org");
    const auto action_bytes = command->ByteSizeLong();
    const CommandsFrame sent{{{.id = std::string(16, 'c'),
                               .time_to_live_ms = time_to_live_ms,
                               .command = command,
                               .bytes = size_of_command(action_bytes, time_to_live_ms)}}};
    EXPECT_EQ(load_of(round_trip(sent)), load_of(sent)) << time_to_live_ms;
  }
}

TEST(Frames, without_bytes_of_credit_leave_them_uncounted) {
  v1::Frame older;
  older.mutable_credit()->set_credit(5);
  EXPECT_EQ(std::get<CreditFrame>(*decode(older.SerializeAsString())).credit, (Load{5, Load::kUncounted}));
  EXPECT_FALSE(std::get<CreditFrame>(*decode(older.SerializeAsString())).paused);
  older.mutable_welcome()->set_credit(6);
  EXPECT_EQ(std::get<WelcomeFrame>(*decode(older.SerializeAsString())).credit, (Load{6, Load::kUncounted}));
}

}  // namespace
}  // namespace rostrum::bus
