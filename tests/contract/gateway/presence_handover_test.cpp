// SPDX-License-Identifier: GPL-3.0-or-later
// The real executable between a presence service and a real Prosody.
#include <gtest/gtest.h>

#include "tests/contract/gateway/gateway_process.hpp"
#include "tests/contract/gateway/scripted_presence.hpp"

namespace rostrum::test {
namespace {

using namespace std::chrono_literals;

class PresenceHandoverTest : public testing::Test {
 protected:
  PresenceHandoverTest()
      : service(bench, gateway.gateway_key.public_key, gateway.presence(), gateway.service_key) {
    gateway.start();
  }
  /// The view is whole and told, and the gateway's health says so.
  void stands() {
    ASSERT_TRUE(bench.serves_until([&] { return service.state.whole && is_ready("presence: good\n"); }))
        << gateway.page("/readyz");
  }
  void gateway_stops() {
    gateway.asks_to_stop();
    ASSERT_TRUE(bench.serves_until([&] { return gateway.has_ended(); }));
    EXPECT_EQ(gateway.exit_code(), 0);
  }
  bool is_ready(const std::string& words) { return gateway.page("/readyz").find(words) != std::string::npos; }
  bool owner_says(const std::string& value) {
    return gateway.page("/metrics").find("rostrum_gateway_presence_owner " + value) != std::string::npos;
  }

  Lab lab = Lab::from_environment();
  Bench bench{lab.server};
  GatewayProcess gateway{lab};
  ScriptedPresence service;
};

TEST_F(PresenceHandoverTest, owns_the_domain_renews_and_is_ready) {
  stands();
  EXPECT_TRUE(bench.serves_until([&] { return service.renewed >= 3; }));
  EXPECT_TRUE(owner_says("1"));
  EXPECT_EQ(service.granted, 1);
}

TEST_F(PresenceHandoverTest, says_that_it_stops_and_gives_the_lease_back) {
  service.valid = 60s;
  stands();
  gateway_stops();
  EXPECT_EQ(service.released, 1);
  EXPECT_EQ(service.state.lost_because, "stopping");
  EXPECT_FALSE(service.state.whole);
}

TEST_F(PresenceHandoverTest, ends_in_time_although_nothing_is_stored_any_more) {
  stands();
  service.holds(true);
  gateway_stops();
  EXPECT_EQ(service.released, 0);
}

TEST_F(PresenceHandoverTest, ends_at_once_while_nobody_is_there_to_be_told) {
  stands();
  service.dies();
  ASSERT_TRUE(bench.serves_until([&] { return is_ready("presence is not connected"); }));
  const auto before = bench.clock.mono();
  gateway_stops();
  EXPECT_LT(bench.clock.mono() - before, 4s);
}

TEST_F(PresenceHandoverTest, stands_by_when_the_renewal_is_refused) {
  stands();
  service.gives_lease_to_another();
  EXPECT_TRUE(bench.serves_until([&] { return is_ready("presence: good (standby: another owns it)"); }))
      << gateway.page("/readyz");
  EXPECT_TRUE(owner_says("0"));
  gateway_stops();
}

TEST_F(PresenceHandoverTest, goes_on_under_the_same_epoch_when_the_service_was_away) {
  stands();
  const auto epoch = service.state.epoch;
  service.dies();
  ASSERT_TRUE(bench.serves_until([&] { return is_ready("presence is not connected"); }));
  service.comes_back();
  const auto renewed = service.renewed;
  EXPECT_TRUE(bench.serves_until([&] { return service.renewed > renewed; }));
  EXPECT_EQ(service.state.epoch, epoch);
  EXPECT_TRUE(service.state.whole);
}

}  // namespace
}  // namespace rostrum::test
