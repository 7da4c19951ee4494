// SPDX-License-Identifier: GPL-3.0-or-later
// The real executable between a real command link and a real Prosody.
#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "common/bus/command_client.hpp"
#include "common/bus/event_intake.hpp"
#include "rostrum/v1/command.pb.h"
#include "rostrum/v1/event.pb.h"
#include "tests/contract/gateway/gateway_process.hpp"

namespace rostrum::test {
namespace {

using namespace std::chrono_literals;
using Status = bus::CommandResult::Status;

class CommandLinkTest : public testing::Test {
 protected:
  CommandLinkTest() {
    write_authorization();
    gateway.start();
    authenticator.emplace(bench.reactor, bus::Authenticator::Settings{.directory = peers_folder()});
    intake.emplace(
        bench.reactor, bench.random, *authenticator,
        bus::BindSettings{
            .listen = gateway.notification(), .own = gateway.service_key.duplicate(), .limits = {}},
        std::vector<std::string>{"receipt_received", "message_bounced"},
        bus::EventIntake::Handlers{.on_gathered = [this] { take(); }});
    client.emplace(bench.reactor, bench.random,
                   bus::ConnectSettings{.endpoints = {gateway.endpoint()},
                                        .own = gateway.caller_key.duplicate(),
                                        .server = gateway.gateway_key.public_key},
                   10s, bus::CommandClient::Handlers{});
  }

  std::string peers_folder() const { return gateway.folder() + "/peers"; }
  void write_authorization() const {
    std::filesystem::create_directory(peers_folder());
    std::filesystem::permissions(peers_folder(), std::filesystem::perms::owner_all);
    std::ofstream(peers_folder() + "/gateway")
        << "key " << gateway.gateway_key.public_key.z85() << "\nallow receipt_received message_bounced\n";
  }
  void take() {
    std::vector<bus::EventIntake::Conclusion> conclusions;
    for (const auto& received : intake->take(1'000, 1'000'000)) {
      v1::Event event;
      EXPECT_TRUE(event.ParseFromString(received.bytes));
      events.push_back(event);
      conclusions.push_back(
          {received.peer, received.id, bus::EventIntake::Conclusion::Status::kAccepted, 0, {}});
    }
    intake->conclude(std::move(conclusions));
  }
  /// Sends a command and waits for its result; asked again while nobody is there to take it.
  bus::CommandResult asks(const v1::Command& command) {
    std::optional<bus::CommandResult> result;
    bool taken = false;
    const bool ended = bench.serves_until([&] {
      if (!taken) taken = client->send(command, 5s, [&](bus::CommandResult one) { result = std::move(one); });
      return result.has_value();
    });
    EXPECT_TRUE(ended);
    return ended ? *result : bus::CommandResult{Status::kUnknown, "test-deadline", {}, {}};
  }
  /// Both streams stand.
  void gateway_is_ready() {
    ASSERT_TRUE(bench.serves_until([&] {
      const auto page = gateway.page("/readyz");
      return page.find("sender-stream: good") != std::string::npos &&
             page.find("account-door: good") != std::string::npos;
    })) << gateway.page("/readyz");
  }
  v1::Command create(const std::string& jid) const {
    v1::Command command;
    command.mutable_create_account()->set_jid(jid);
    command.mutable_create_account()->set_password("secret");
    command.mutable_create_account()->set_claim("claim-1");
    return command;
  }
  v1::Command message(const std::string& to, const std::string& body) const {
    v1::Command command;
    command.mutable_send_message()->set_to(to);
    command.mutable_send_message()->set_stanza_id("stanza-1");
    command.mutable_send_message()->set_body(body);
    return command;
  }

  Lab lab = Lab::from_environment();
  Bench bench{lab.server};
  GatewayProcess gateway{lab};
  std::optional<bus::Authenticator> authenticator;
  std::optional<bus::EventIntake> intake;
  std::optional<bus::CommandClient> client;
  std::vector<v1::Event> events;
};

TEST_F(CommandLinkTest, carries_out_commands_and_stops_in_order) {
  gateway_is_ready();
  const auto anna = "anna@" + lab.server.domain;
  auto result = asks(create(anna));
  EXPECT_EQ(result.status, Status::kDone) << result.condition;
  EXPECT_EQ(asks(message(anna, "hello")).status, Status::kDone);
  EXPECT_EQ(gateway.stops(), 0);
}

TEST_F(CommandLinkTest, names_what_it_cannot_do) {
  gateway_is_ready();
  EXPECT_EQ(asks(create("anna")).condition, "jid-malformed");
  EXPECT_EQ(asks(create("anna@other.example")).condition, "foreign-domain");
  EXPECT_EQ(asks(message("anna@" + lab.server.domain, "bell \a")).condition, "invalid-text");
  EXPECT_EQ(asks(create(lab.site)).condition, "not-allowed");
}

TEST_F(CommandLinkTest, tells_notification_of_a_bounce) {
  gateway_is_ready();
  EXPECT_EQ(asks(message("nobody@" + lab.server.domain, "hello")).status, Status::kDone);
  ASSERT_TRUE(bench.serves_until([&] { return !events.empty(); }));
  EXPECT_EQ(events[0].message_bounced().stanza_id(), "stanza-1");
  EXPECT_EQ(events[0].message_bounced().from(), "nobody@" + lab.server.domain);
  EXPECT_EQ(events[0].message_bounced().condition(), "service-unavailable");
}

TEST_F(CommandLinkTest, inspects_the_server) {
  gateway_is_ready();
  v1::Command command;
  command.mutable_inspect_server();
  const auto result = asks(command);
  EXPECT_EQ(result.status, Status::kDone);
  std::set<std::string> names;
  for (const auto& finding : result.findings) {
    EXPECT_TRUE(finding.good) << finding.name << ": " << finding.detail;
    names.insert(finding.name);
  }
  EXPECT_EQ(names, (std::set<std::string>{"account-door", "garbage-collector", "presence-watch",
                                          "registration-closed", "registration-closed-for-members",
                                          "site-not-rate-limited", "stanza-size-limit", "tls"}));
}

TEST_F(CommandLinkTest, says_retry_while_the_jabber_server_is_away_and_goes_on_when_it_is_back) {
  gateway_is_ready();
  lab.does("prosody stop");
  const auto away = asks(message(lab.control, "hello"));
  EXPECT_TRUE(away.status == Status::kRetry || away.status == Status::kUnknown) << away.condition;
  EXPECT_NE(gateway.page("/readyz").find("503"), std::string::npos);
  lab.does("prosody start");
  gateway_is_ready();
  EXPECT_EQ(asks(message(lab.control, "hello")).status, Status::kDone);
}

}  // namespace
}  // namespace rostrum::test
