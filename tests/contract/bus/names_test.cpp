// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <deque>
#include <mutex>
#include <set>

#include <gtest/gtest.h>
#include <zmq.hpp>

#include "common/bus/command_client.hpp"
#include "common/bus/command_server.hpp"
#include "rostrum/v1/command.pb.h"
#include "tests/contract/bus/bus_fixture.hpp"

namespace rostrum::bus::test {
namespace {

using Status = CommandResult::Status;
using Hosts = std::vector<std::string>;

/// A name server for one name; asked from other threads, as the real one, which may outlive the test.
class NameServer {
 public:
  void says(Hosts hosts) {
    const std::lock_guard lock(known_->mutex);
    known_->hosts = std::move(hosts);
  }
  [[nodiscard]] LookUp look_up() {
    return [known = known_](const HostAndPort& where) {
      const std::lock_guard lock(known->mutex);
      ++known->asked;
      if (known->hosts.empty()) return Resolution{{}, "Name or service not known"};
      Resolution found;
      for (const auto& host : known->hosts)
        found.addresses.push_back(read_number({host, where.port}).addresses.front());
      return found;
    };
  }
  [[nodiscard]] int asked() const {
    const std::lock_guard lock(known_->mutex);
    return known_->asked;
  }

 private:
  struct Known {
    std::mutex mutex;
    Hosts hosts;
    int asked = 0;
  };
  std::shared_ptr<Known> known_ = std::make_shared<Known>();
};

/// A gateway on an address of its own, which does what it is asked, unless it is told to take its time.
class Gateway {
 public:
  Gateway(Reactor& reactor, Random& random, const Authenticator& authenticator, BindSettings settings)
      : server_(std::in_place, reactor, random, authenticator, std::move(settings),
                CommandServer::Handlers{.on_command = [this](const Uuid& id, const v1::Command&, MonoTime) {
                  ++started;
                  if (!slow) server_->answer(id, {Status::kDone, "", "", {}});
                }}) {}
  [[nodiscard]] std::string endpoint() const { return server_->endpoint(); }

  bool slow = false;
  int started = 0;

 private:
  std::optional<CommandServer> server_;
};

class Names : public BusTest {
 protected:
  static std::string endpoint_of(Gateway& one) { return one.endpoint(); }
  static std::string endpoint_of(TakingIntake& one) { return one->endpoint(); }
  /// Whatever listens at this host, on the one port that all of the name's addresses share.
  template <class Make>
  auto on(const std::string& host, const Make& make) {
    decltype(make(std::string())) made;
    until(host + " listens", [&] {
      try {
        made = make("tcp://" + host + ":" + (port_.empty() ? "*" : port_));
        if (port_.empty()) port_ = endpoint_of(*made).substr(endpoint_of(*made).rfind(':') + 1);
      } catch (const std::runtime_error&) {
        // freed a moment ago
      }
      return made != nullptr;
    });
    return made;
  }
  std::unique_ptr<Gateway> gateway(const std::string& host) {
    return on(host, [this](const std::string& listen) {
      return std::make_unique<Gateway>(reactor_, random_, *authenticator_, bind_settings(listen));
    });
  }
  ConnectSettings by_name(const KeyPair& own) {
    auto settings = connect_settings({"tcp://gateway.test:" + port_}, own);
    settings.look_up_every = milliseconds{20};
    settings.look_up = names_.look_up();
    return settings;
  }
  /// Every name has been looked up anew.
  void looked_up_again() {
    const int before = names_.asked();
    until("the name is looked up again", [&] { return names_.asked() >= before + 2; });
  }
  static bool told(const std::vector<LinkEvent>& links, LinkEvent::Kind kind) {
    return std::any_of(links.begin(), links.end(), [&](const LinkEvent& one) { return one.kind == kind; });
  }

  std::string port_;
  NameServer names_;
};

class CommandLinkByName : public Names {
 protected:
  void SetUp() override { key_ = admit("registration", "create_account"); }
  void connect(Milliseconds stanza_deadline = milliseconds{1'000}) {
    client_.emplace(
        reactor_, random_, by_name(*key_), stanza_deadline,
        CommandClient::Handlers{.on_link = [this](const LinkEvent& event) { links_.push_back(event); }});
  }
  bool asks(milliseconds time_to_live = milliseconds{30'000}) {
    v1::Command command;
    command.mutable_create_account()->set_jid("anna@example.org");
    return client_->send(std::move(command), time_to_live,
                         [this](const CommandResult& result) { results_.push_back(result.status); });
  }
  void has(std::size_t gateways) {
    until(std::to_string(gateways) + " gateways are connected",
          [&] { return client_->gateways() == gateways; });
  }
  [[nodiscard]] std::ptrdiff_t attempts_at(const std::string& host) const {
    return std::count_if(links_.begin(), links_.end(), [&](const LinkEvent& event) {
      return event.endpoint.find(host + ":") != std::string::npos;
    });
  }

  std::optional<KeyPair> key_;
  std::vector<Status> results_;
  std::vector<LinkEvent> links_;
  std::optional<CommandClient> client_;
};

TEST_F(CommandLinkByName, has_a_connection_to_each_address_and_to_those_that_come_later) {
  const auto one = gateway("127.0.0.2");
  const auto two = gateway("127.0.0.3");
  names_.says({"127.0.0.2", "127.0.0.3"});
  connect();
  has(2);
  const auto three = gateway("127.0.0.4");
  names_.says({"127.0.0.4", "127.0.0.3", "127.0.0.2"});
  has(3);
  for (int i = 0; i < 90; ++i) ASSERT_TRUE(asks());
  until("all is answered", [&] { return client_->in_flight() == 0; });
  EXPECT_EQ(one->started, 30);
  EXPECT_EQ(two->started, 30);
  EXPECT_EQ(three->started, 30);
}

TEST_F(CommandLinkByName, goes_on_using_one_that_is_not_named_any_more_until_its_connection_is_lost) {
  auto one = gateway("127.0.0.2");
  const auto two = gateway("127.0.0.3");
  names_.says({"127.0.0.2", "127.0.0.3"});
  connect();
  has(2);
  names_.says({"127.0.0.3"});
  looked_up_again();
  EXPECT_EQ(client_->gateways(), 2U) << "name servers tell a part at a time";
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(asks());
  until("all is answered", [&] { return client_->in_flight() == 0; });
  EXPECT_EQ(one->started, 5);
  one.reset();
  has(1);
  looked_up_again();
  const auto attempts = attempts_at("127.0.0.2");
  turn_for(milliseconds{1'000});
  EXPECT_EQ(attempts_at("127.0.0.2"), attempts) << "nobody tries it any more";
}

TEST_F(CommandLinkByName, does_not_call_unknown_what_a_vanished_gateway_may_still_answer_before_its_time) {
  auto one = gateway("127.0.0.2");
  names_.says({"127.0.0.2"});
  connect(milliseconds{500});
  has(1);
  one->slow = true;
  const auto asked_at = clock_.mono();
  ASSERT_TRUE(asks(milliseconds{1'500}));
  until("it is at work", [&] { return one->started == 1; });
  const auto two = gateway("127.0.0.3");
  names_.says({"127.0.0.3"});
  one.reset();
  until("the other is there",
        [&] { return client_->gateways() == 1 && told(links_, LinkEvent::Kind::kLost); });
  until("it has its result", [&] { return !results_.empty(); });
  EXPECT_EQ(results_, std::vector{Status::kUnknown});
  EXPECT_GE(clock_.mono() - asked_at, milliseconds{2'000}) << "time to live and the stanza's deadline";
  EXPECT_EQ(two->started, 0) << "and never asked of another by the link itself";
}

TEST_F(CommandLinkByName, gives_each_command_its_result_while_addresses_come_and_go) {
  std::map<std::string, std::unique_ptr<Gateway>> gateways;
  gateways.emplace("127.0.0.2", gateway("127.0.0.2"));
  names_.says({"127.0.0.2"});
  connect();
  has(1);
  std::size_t asked = 0;
  std::string present = "127.0.0.2";
  for (int round = 0; round < 8; ++round) {
    const std::string next = "127.0.0." + std::to_string(3 + round);
    gateways.emplace(next, gateway(next));
    names_.says({present, next});
    has(2);
    for (int i = 0; i < 50; ++i) asked += asks() ? 1 : 0;
    names_.says({next});
    looked_up_again();
    until("all is answered", [&] { return client_->in_flight() == 0; });
    gateways.erase(present);
    has(1);
    present = next;
  }
  EXPECT_EQ(asked, 400U);
  EXPECT_EQ(results_, std::vector(asked, Status::kDone));
}

TEST_F(CommandLinkByName, says_what_it_cannot_find_and_connects_once_there_is_such_a_name) {
  const auto one = gateway("127.0.0.2");
  connect();
  until("it is told", [&] { return told(links_, LinkEvent::Kind::kUnresolved); });
  EXPECT_EQ(links_.front().endpoint, "tcp://gateway.test:" + port_);
  EXPECT_EQ(links_.front().text, "cannot find its address: Name or service not known");
  names_.says({"127.0.0.2"});
  has(1);
  names_.says({});
  looked_up_again();
  EXPECT_EQ(client_->gateways(), 1U) << "an ill name server takes nothing away";
}

class EventLinkByName : public Names {
 protected:
  std::unique_ptr<TakingIntake> intake(const std::string& host) {
    return on(host, [this](const std::string& listen) {
      return std::make_unique<TakingIntake>(reactor_, random_, *authenticator_, bind_settings(listen));
    });
  }
};

TEST_F(EventLinkByName, goes_on_at_another_address_when_its_own_is_gone_and_loses_nothing) {
  const auto forum = admit("forum", "member_removed");
  std::map<std::string, std::unique_ptr<TakingIntake>> intakes;
  for (const auto* host : {"127.0.0.2", "127.0.0.3", "127.0.0.4"}) intakes.emplace(host, intake(host));
  names_.says({"127.0.0.2", "127.0.0.3", "127.0.0.4"});
  Site site(reactor_, random_, by_name(forum));
  std::set<EventId> taken;
  while (intakes.size() > 1) {
    auto used = intakes.end();
    until("the site has credit at one that is there", [&] {
      used = std::find_if(intakes.begin(), intakes.end(),
                          [](const auto& one) { return (*one.second)->peers() > 0; });
      return used != intakes.end() && site->credit() > 0;
    });
    used->second->hold();
    for (int i = 0; i < 20; ++i) ASSERT_EQ(site.remove_member("anna"), Offer::kTaken);
    turn_for(milliseconds{20});
    for (const auto& [id, times] : used->second->taken) taken.insert(id);
    intakes.erase(used);
    Hosts left;
    for (const auto& [host, one] : intakes) left.push_back(host);
    names_.says(left);
  }
  until("all is answered", [&] { return site->unanswered() == 0; });
  EXPECT_EQ(site.count(EventOutcome::Status::kAccepted), 40U);
  for (const auto& [id, times] : intakes.begin()->second->taken) taken.insert(id);
  EXPECT_EQ(taken, std::set(site.offered.begin(), site.offered.end()));
}

TEST_F(EventLinkByName, a_crowd_spreads_over_the_addresses_of_a_name) {
  const auto forum = admit("forum", "member_removed");
  const auto one = intake("127.0.0.2");
  const auto two = intake("127.0.0.3");
  names_.says({"127.0.0.2", "127.0.0.3"});
  std::vector<std::unique_ptr<Site>> sites;
  for (int i = 0; i < 24; ++i) sites.push_back(std::make_unique<Site>(reactor_, random_, by_name(forum)));
  until("all are welcome", [&] { return (*one)->peers() + (*two)->peers() == 24; });
  EXPECT_GT((*one)->peers(), 2U);
  EXPECT_GT((*two)->peers(), 2U);
}

TEST_F(EventLinkByName, says_that_there_is_no_such_name_and_comes_once_there_is) {
  const auto forum = admit("forum", "member_removed");
  const auto one = intake("127.0.0.2");
  Site site(reactor_, random_, by_name(forum));
  until("it is told", [&] { return site.told(LinkEvent::Kind::kUnresolved); });
  turn_for(milliseconds{300});
  EXPECT_LE(site.links.size(), 10U) << "with a pause that grows";
  names_.says({"127.0.0.2"});
  until("it is welcome", [&] { return site->connected(); });
}

TEST_F(EventLinkByName, ipv6_is_spoken_at_both_ends) {
  const auto forum = admit("forum", "member_removed");
  std::unique_ptr<TakingIntake> one;
  try {
    one = std::make_unique<TakingIntake>(reactor_, random_, *authenticator_, bind_settings("tcp://[::1]:*"));
  } catch (const std::runtime_error& error) {
    GTEST_SKIP() << "no IPv6 on this machine: " << error.what();
  }
  Site site(reactor_, random_, connect_settings({(*one)->endpoint()}, forum));
  until("it is welcome", [&] { return site->connected(); });
}

}  // namespace
}  // namespace rostrum::bus::test
