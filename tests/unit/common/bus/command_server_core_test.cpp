// SPDX-License-Identifier: Apache-2.0
#include "common/bus/command_server_core.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "rostrum/v1/command.pb.h"
#include "tests/unit/common/bus/conversation.hpp"

namespace rostrum::bus::test {
namespace {

using Status = CommandResult::Status;

class CommandServerTest : public testing::Test {
 protected:
  CommandServerTest() {
    says("r1", registration_, hello(LinkKind::kCommand));
    says("r2", notification_, hello(LinkKind::kCommand));
  }
  CommandServerEffects says(const std::string& route, const AuthorizedKey& key, const Frame& frame) {
    return says_with(keys_, route, key, frame);
  }
  CommandServerEffects says_with(const AuthorizedKeys& keys, const std::string& route,
                                 const AuthorizedKey& key, const Frame& frame) {
    auto effects = core_.receive(message_from(route, key, frame), keys, clock_.mono());
    for (auto& outgoing : core_.flush().peers.send) effects.peers.send.push_back(std::move(outgoing));
    return effects;
  }
  CommandServerEffects answers(const Uuid& id, CommandResult result) {
    core_.answer(id, std::move(result));
    return core_.flush();
  }
  CommandServerEffects asks(const std::string& id, std::uint32_t time_to_live_ms = 1'000) {
    return says("r1", registration_, commands({id}, time_to_live_ms));
  }
  static CommandsFrame commands(const std::vector<std::string>& ids, std::uint32_t time_to_live_ms = 1'000) {
    auto command = std::make_shared<v1::Command>();
    command->mutable_create_account();
    CommandsFrame frame;
    for (const auto& id : ids)
      frame.commands.push_back({.id = id, .time_to_live_ms = time_to_live_ms, .command = command});
    return frame;
  }
  static ResultsFrame::Item result(const CommandServerEffects& effects) {
    const auto frame = only<ResultsFrame>(effects.peers);
    EXPECT_EQ(frame.results.size(), 1U);
    return frame.results.at(0);
  }
  static CommandResult done() { return {Status::kDone, "", "", {}}; }

  FakeClock clock_;
  AuthorizedKey registration_ = key_of("registration", {"create_account"});
  AuthorizedKey notification_ = key_of("notification", {"create_account"});
  AuthorizedKeys keys_{{registration_, notification_}};
  CommandServerCore core_{{.window = 100}, std::string(16, 'i'), 3};
  const std::string id_ = std::string(16, '1');
  const Uuid uuid_ = *Uuid::from_bytes(id_);
};

TEST_F(CommandServerTest, starts_a_command_once_and_counts_its_time_from_arrival) {
  const auto effects = asks(id_, 700);
  ASSERT_EQ(effects.start.size(), 1U);
  EXPECT_EQ(effects.start[0].id, uuid_);
  EXPECT_EQ(effects.start[0].deadline, clock_.mono() + milliseconds{700});
  EXPECT_EQ(core_.in_progress(), 1U);
  const auto answer = answers(uuid_, done());
  EXPECT_EQ(result(answer).id, id_);
  EXPECT_EQ(core_.in_progress(), 0U);
}

TEST_F(CommandServerTest, starts_nothing_whose_time_is_over_but_tells_what_it_knows_of_it) {
  const auto lost_on_its_way = asks(id_, 1);
  EXPECT_TRUE(lost_on_its_way.start.empty());
  EXPECT_EQ(result(lost_on_its_way).result.status, Status::kUnknown);
  EXPECT_EQ(core_.in_progress(), 0U);
  asks(id_, 2);
  answers(uuid_, done());
  EXPECT_EQ(result(asks(id_, 1)).result.status, Status::kDone);
}

TEST_F(CommandServerTest, gives_a_repeat_the_first_ones_result_and_does_not_start_it_again) {
  asks(id_);
  auto repeat = asks(id_);
  EXPECT_TRUE(repeat.start.empty());
  EXPECT_TRUE(sent<ResultsFrame>(repeat.peers).empty()) << "at work";
  EXPECT_EQ(sent<ResultsFrame>(answers(uuid_, {Status::kFailed, "conflict", "", {}}).peers).size(), 1U);
  repeat = asks(id_);
  EXPECT_TRUE(repeat.start.empty());
  EXPECT_EQ(result(repeat).result.condition, "conflict");
}

TEST_F(CommandServerTest, answers_in_the_conversation_in_which_it_was_asked_again) {
  asks(id_);
  says("r1", registration_, hello(LinkKind::kCommand));
  EXPECT_TRUE(asks(id_).start.empty());
  EXPECT_EQ(result(answers(uuid_, done())).id, id_) << "one answer, to the new conversation";
}

TEST_F(CommandServerTest, keeps_as_many_results_as_it_should) {
  for (const char c : {'1', '2', '3', '4'}) {
    asks(std::string(16, c));
    answers(*Uuid::from_bytes(std::string(16, c)), done());
  }
  EXPECT_EQ(asks(std::string(16, '2')).start.size(), 0U);
  EXPECT_EQ(asks(std::string(16, '1')).start.size(), 1U) << "forgotten";
}

TEST_F(CommandServerTest, keeps_no_more_bytes_of_results_than_it_should_and_forgets_the_oldest) {
  EXPECT_EQ(CommandServerCore::kMostKeptBytes, 64U * 1'024 * 1'024) << "as the documentation says";
  constexpr std::size_t kMostBytes = 20'000;
  constexpr std::size_t kTextBytes = 1'000;
  core_ = CommandServerCore({}, std::string(16, 'i'), 65'536, kMostBytes);
  says("r1", registration_, hello(LinkKind::kCommand));
  CommandResult inspection = done();
  inspection.findings.resize(1, {"", true, std::string(kTextBytes, 'd'), ""});
  std::string ids = "abcdefghijklmnopqrstuvwxyz";
  for (const char c : ids) {
    asks(std::string(16, c));
    answers(*Uuid::from_bytes(std::string(16, c)), inspection);
  }
  const auto is_kept = [&](char c) { return asks(std::string(16, c)).start.empty(); };
  const auto kept = static_cast<std::size_t>(std::count_if(ids.begin(), ids.end(), is_kept));
  EXPECT_LE(kept * kTextBytes, kMostBytes);
  EXPECT_GE((kept + 2) * kTextBytes, kMostBytes) << "nearly all of it may be used";
  EXPECT_TRUE(is_kept('z')) << "the latest";
  answers(*Uuid::from_bytes(std::string(16, 'a')), done());
  EXPECT_TRUE(is_kept('a')) << "room is made for a small one";
}

TEST_F(CommandServerTest, does_not_tell_one_peer_anothers_result) {
  asks(id_);
  EXPECT_EQ(result(says("r2", notification_, commands({id_}))).result.condition, "conflict");
  answers(uuid_, done());
  EXPECT_EQ(result(says("r2", notification_, commands({id_}))).result.condition, "conflict");
}

TEST_F(CommandServerTest, refuses_what_cannot_be_started_each_by_its_own_condition) {
  EXPECT_EQ(result(asks(id_, 0)).result.condition, "bad-request");
  EXPECT_EQ(result(asks(id_, 60'001)).result.condition, "bad-request");
  auto frame = commands({id_});
  frame.commands[0].command = nullptr;
  EXPECT_EQ(result(says("r1", registration_, frame)).result.condition, "feature-not-implemented");
  auto other = std::make_shared<v1::Command>();
  other->mutable_send_message();
  frame.commands[0].command = other;
  EXPECT_EQ(result(says("r1", registration_, frame)).result.condition, "not-authorized");
  EXPECT_EQ(only<RefusalFrame>(asks("short").peers).code, RefusalCode::kUnreadableId);
  EXPECT_EQ(asks(id_).start.size(), 1U) << "none of that was remembered";
}

TEST_F(CommandServerTest, gives_no_result_to_a_revoked_key_and_the_one_that_was_due_once_it_is_back) {
  ASSERT_EQ(asks(id_).start.size(), 1U);
  const auto effects = says_with(AuthorizedKeys(), "r1", registration_, commands({std::string(16, '2')}));
  EXPECT_EQ(only<RefusalFrame>(effects.peers).code, RefusalCode::kNotAuthorized);
  EXPECT_TRUE(effects.start.empty());
  answers(uuid_, done());
  EXPECT_TRUE(core_.flush().peers.send.empty());
  says("r1", registration_, hello(LinkKind::kCommand));
  EXPECT_EQ(result(asks(id_)).result.status, CommandResult::Status::kDone) << "it was carried out once";
}

TEST_F(CommandServerTest, bounds_what_an_answer_holds) {
  asks(id_);
  CommandResult large{Status::kDone, "", std::string(10'000, 'x'), {}};
  large.findings.resize(1'000, {"name", true, std::string(10'000, 'x'), ""});
  EXPECT_LE(encode(ResultsFrame{{result(answers(uuid_, large))}}).size(), kMaxAnswerBytes);
}

TEST_F(CommandServerTest, gathers_the_results_of_a_turn_in_few_frames) {
  std::vector<std::string> ids;
  for (char c = 'a'; c < 'k'; ++c) ids.push_back(std::string(16, c));
  says("r1", registration_, commands(ids));
  for (const auto& id : ids) {
    CommandResult large{Status::kDone, "", "", {}};
    large.findings.resize(15, {"name", true, std::string(1'000, 'x'), ""});
    core_.answer(*Uuid::from_bytes(id), large);
  }
  std::size_t results = 0;
  const auto frames = sent<ResultsFrame>(core_.flush().peers);
  for (const auto& frame : frames) {
    EXPECT_LE(encode(frame).size(), kAnswersBytes);
    results += frame.results.size();
  }
  EXPECT_EQ(results, 10U);
  EXPECT_EQ(frames.size(), 3U);
  EXPECT_FALSE(core_.results_due());
}

TEST_F(CommandServerTest, goes_on_for_a_peer_that_is_gone_and_keeps_its_result) {
  asks(id_);
  static_cast<void>(core_.drop("r1"));
  EXPECT_TRUE(answers(uuid_, done()).peers.send.empty());
  says("r1", registration_, hello(LinkKind::kCommand));
  EXPECT_EQ(result(asks(id_)).result.status, Status::kDone);
}

}  // namespace
}  // namespace rostrum::bus::test
