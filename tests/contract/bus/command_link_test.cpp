// SPDX-License-Identifier: Apache-2.0
#include <deque>

#include <gtest/gtest.h>
#include <zmq.hpp>

#include "common/bus/command_client.hpp"
#include "common/bus/command_server.hpp"
#include "common/bus/socket_profile.hpp"
#include "rostrum/v1/command.pb.h"
#include "tests/contract/bus/bus_fixture.hpp"

namespace rostrum::bus::test {
namespace {

using Status = CommandResult::Status;

/// A gateway that does what the test tells it.
class Gateway {
 public:
  Gateway(Reactor& reactor, Random& random, const Authenticator& authenticator, BindSettings settings)
      : server_(std::in_place, reactor, random, authenticator, std::move(settings),
                CommandServer::Handlers{.on_command = [this](const Uuid& id, const v1::Command& command,
                                                             MonoTime) {
                  started.push_back(command.has_create_account() ? command.create_account().jid() : "other");
                  if (answers)
                    server_->answer(id, {Status::kDone, "", "well done", {}});
                  else
                    open.push_back(id);
                }}) {}
  CommandServer* operator->() { return &*server_; }

  bool answers = true;
  std::vector<std::string> started;
  std::deque<Uuid> open;

 private:
  std::optional<CommandServer> server_;
};

class CommandLink : public BusTest {
 protected:
  void SetUp() override { key_ = admit("registration", "create_account"); }
  std::unique_ptr<Gateway> gateway(const std::string& listen = "tcp://127.0.0.1:*", LinkLimits limits = {}) {
    return std::make_unique<Gateway>(reactor_, random_, *authenticator_, bind_settings(listen, limits));
  }
  std::unique_ptr<Gateway> gateway_again(const std::string& endpoint) {
    std::unique_ptr<Gateway> made;
    until("the port is free again", [&] {
      try {
        made = gateway(endpoint);
      } catch (const std::runtime_error&) {
      }
      return made != nullptr;
    });
    return made;
  }
  void connect(std::vector<std::string> endpoints) {
    client_.emplace(
        reactor_, random_, connect_settings(std::move(endpoints), *key_), milliseconds{1'000},
        CommandClient::Handlers{.on_link = [this](const LinkEvent& event) { links_.push_back(event); },
                                .on_credit = [this] { ++credits_; }});
  }
  bool asks(const std::string& jid, milliseconds time_to_live = milliseconds{5'000}) {
    v1::Command command;
    command.mutable_create_account()->set_jid(jid);
    return client_->send(std::move(command), time_to_live,
                         [this](CommandResult result) { results_.push_back(std::move(result)); });
  }
  bool asks_what_it_may_not() {
    v1::Command command;
    command.mutable_inspect_server();
    return client_->send(std::move(command), milliseconds{5'000},
                         [this](CommandResult result) { results_.push_back(std::move(result)); });
  }

  std::optional<KeyPair> key_;
  std::vector<CommandResult> results_;
  std::vector<LinkEvent> links_;
  int credits_ = 0;
  std::optional<CommandClient> client_;
};

TEST_F(CommandLink, carries_commands_and_brings_each_result_once) {
  const auto gate = gateway();
  connect({(*gate)->endpoint()});
  EXPECT_FALSE(asks("anna@example.org")) << "no credit yet";
  until("there is credit", [&] { return client_->credit() > 0; });
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(asks("anna@example.org"));
  until("all is answered", [&] { return client_->in_flight() == 0; });
  EXPECT_EQ(results_.size(), 500U);
  EXPECT_EQ(gate->started.size(), 500U);
  EXPECT_EQ(results_[0].status, Status::kDone);
  EXPECT_EQ(results_[0].text, "well done");
  EXPECT_EQ(links_.size(), 1U) << "connected once, and nothing else";
}

TEST_F(CommandLink, spreads_over_all_gateways) {
  const auto one = gateway();
  const auto two = gateway();
  connect({(*one)->endpoint(), (*two)->endpoint()});
  until("both are there", [&] { return client_->gateways() == 2; });
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(asks("anna@example.org"));
  until("all is answered", [&] { return client_->in_flight() == 0; });
  EXPECT_EQ(one->started.size(), 50U);
  EXPECT_EQ(two->started.size(), 50U);
}

TEST_F(CommandLink, asks_a_gateway_that_closes_nothing_more_and_gets_the_results_that_are_due) {
  const auto leaving = gateway();
  const auto staying = gateway();
  connect({(*leaving)->endpoint(), (*staying)->endpoint()});
  until("both are there", [&] { return client_->gateways() == 2; });
  leaving->answers = false;
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(asks("anna@example.org"));
  until("ten are at work", [&] { return leaving->open.size() == 10 && results_.size() == 10; });
  const auto before = client_->credit();
  (*leaving)->set_open(false);
  until(
      "its credit is withdrawn", [&] { return client_->credit() <= before / 2; }, milliseconds{500});
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(asks("anna@example.org"));
  while (!leaving->open.empty()) {
    (*leaving)->answer(leaving->open.front(), {Status::kDone, "", "", {}});
    leaving->open.pop_front();
  }
  until("all is answered", [&] { return client_->in_flight() == 0; });
  EXPECT_EQ(leaving->started.size(), 10U);
  EXPECT_EQ(staying->started.size(), 30U);
}

TEST_F(CommandLink, tells_of_credit_when_the_only_gateway_opens_again) {
  const auto gate = gateway();
  connect({(*gate)->endpoint()});
  until("there is credit", [&] { return credits_ == 1; });
  (*gate)->set_open(false);
  until("it is withdrawn", [&] { return client_->credit() == 0; });
  EXPECT_FALSE(asks("anna@example.org"));
  (*gate)->set_open(true);
  until(
      "there is credit again", [&] { return credits_ == 2; }, milliseconds{500});
  EXPECT_TRUE(asks("anna@example.org"));
  until("all is answered", [&] { return client_->in_flight() == 0; });
}

TEST_F(CommandLink, serves_twenty_gateways_with_forty_sockets_in_one_reactor) {
  std::vector<std::unique_ptr<Gateway>> gateways;
  std::vector<std::string> endpoints;
  for (int i = 0; i < 20; ++i) {
    gateways.push_back(gateway());
    endpoints.push_back((*gateways.back())->endpoint());
  }
  connect(endpoints);
  until("all are there", [&] { return client_->gateways() == 20; });
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(asks("anna@example.org"));
  until("all is answered", [&] { return client_->in_flight() == 0; });
  for (const auto& gate : gateways) EXPECT_EQ(gate->started.size(), 50U);
}

TEST_F(CommandLink, says_unknown_when_another_instance_answers_in_the_gateways_place) {
  auto gate = gateway();
  const auto endpoint = (*gate)->endpoint();
  connect({endpoint});
  until("there is credit", [&] { return client_->credit() > 0; });
  gate->answers = false;
  ASSERT_TRUE(asks("anna@example.org"));
  until("it is at work", [&] { return gate->open.size() == 1; });
  gate.reset();
  gate = gateway_again(endpoint);
  until("there is a result", [&] { return results_.size() == 1; });
  EXPECT_EQ(results_[0].status, Status::kUnknown);
  EXPECT_EQ(results_[0].condition, "gateway-replaced");
  EXPECT_TRUE(gate->started.empty()) << "what may have happened is not done again";
}

TEST_F(CommandLink, gives_up_when_time_to_live_and_the_stanzas_deadline_are_over) {
  const auto gate = gateway();
  connect({(*gate)->endpoint()});
  until("there is credit", [&] { return client_->credit() > 0; });
  gate->answers = false;
  ASSERT_TRUE(asks("anna@example.org", milliseconds{200}));
  const auto before = clock_.mono();
  until("there is a result", [&] { return results_.size() == 1; });
  EXPECT_EQ(results_[0].status, Status::kUnknown);
  EXPECT_GE(clock_.mono() - before, milliseconds{1'190});
  (*gate)->answer(gate->open.front(), {Status::kDone, "", "", {}});
  turn_for(milliseconds{100});
  EXPECT_EQ(results_.size(), 1U) << "one result, even if another comes late";
}

TEST_F(CommandLink, a_repeated_id_is_executed_once_and_answered_twice) {
  const auto gate = gateway();
  zmq::socket_t socket(reactor_.context(), zmq::socket_type::dealer);
  apply_profile(socket, {*key_, server_.public_key}, kMaxAnswerBytes);
  socket.connect((*gate)->endpoint());
  v1::Frame frame;
  frame.mutable_hello()->set_protocol_version(1);
  frame.mutable_hello()->set_link(v1::LINK_KIND_COMMAND);
  until("Hello is sent", [&] {
    return socket.send(zmq::buffer(frame.SerializeAsString()), zmq::send_flags::dontwait).has_value();
  });
  auto& command = *frame.mutable_commands()->add_commands();
  command.set_id("0123456789abcdef");
  command.set_time_to_live_ms(1'000);
  command.mutable_create_account()->set_jid("anna@example.org");
  int results = 0;
  for (int i = 0; i < 2; ++i)
    static_cast<void>(socket.send(zmq::buffer(frame.SerializeAsString()), zmq::send_flags::dontwait));
  until("there are two results", [&] {
    zmq::message_t message;
    v1::Frame answer;
    while (socket.recv(message, zmq::recv_flags::dontwait)) {
      EXPECT_TRUE(answer.ParseFromArray(message.data(), static_cast<int>(message.size())));
      results += answer.results().results_size();
    }
    return results == 2;
  });
  EXPECT_EQ(gate->started.size(), 1U);
}

TEST_F(CommandLink, refuses_what_the_key_may_not_ask) {
  const auto gate = gateway();
  connect({(*gate)->endpoint()});
  until("there is credit", [&] { return client_->credit() > 0; });
  ASSERT_TRUE(asks_what_it_may_not());
  until("there is a result", [&] { return results_.size() == 1; });
  EXPECT_EQ(results_[0].status, Status::kFailed);
  EXPECT_EQ(results_[0].condition, "not-authorized");
  EXPECT_TRUE(gate->started.empty());
}

TEST_F(CommandLink, says_no_at_once_when_credit_is_used_up) {
  LinkLimits limits;
  limits.window = 3;
  const auto gate = gateway("tcp://127.0.0.1:*", limits);
  connect({(*gate)->endpoint()});
  until("there is credit", [&] { return client_->credit() == 3; });
  gate->answers = false;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(asks("anna@example.org"));
  EXPECT_FALSE(asks("anna@example.org"));
  until("all are at work", [&] { return gate->open.size() == 3; });
  (*gate)->answer(gate->open.front(), {Status::kDone, "", "", {}});
  until("there is credit again", [&] { return client_->credit() == 1; });
}

TEST_F(CommandLink, results_still_open_are_never_called_after_the_client_is_gone) {
  const auto gate = gateway();
  connect({(*gate)->endpoint()});
  until("there is credit", [&] { return client_->credit() > 0; });
  gate->answers = false;
  ASSERT_TRUE(asks("anna@example.org"));
  until("it is at work", [&] { return gate->open.size() == 1; });
  client_.reset();
  (*gate)->answer(gate->open.front(), {Status::kDone, "", "", {}});
  turn_for(milliseconds{100});
  EXPECT_TRUE(results_.empty());
}

}  // namespace
}  // namespace rostrum::bus::test
