// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/check/addresses.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/cli/check/finding.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/clients/cli/call.hpp"

namespace rostrum::cli::check {
namespace {

using testing::ElementsAre;
using testing::StartsWith;
using testing::UnorderedElementsAre;

/// Numbers as a name's addresses.
bus::LookUp tells(std::vector<std::string> hosts) {
  return [hosts = std::move(hosts)](const bus::HostAndPort& where) {
    bus::Resolution resolution;
    for (const auto& host : hosts)
      resolution.addresses.push_back(bus::read_number({host, where.port}).addresses.front());
    return resolution;
  };
}

TEST(InstancesOf, a_name_are_one_for_each_of_its_addresses_with_scheme_and_port) {
  const auto two = tells({"10.0.0.1", "10.0.0.2"});
  EXPECT_THAT(instances_of("tcp://gateway:5573", two).all,
              UnorderedElementsAre("tcp://10.0.0.1:5573", "tcp://10.0.0.2:5573"));
  EXPECT_THAT(instances_of("http://presence:9103", two).all,
              UnorderedElementsAre("http://10.0.0.1:9103", "http://10.0.0.2:9103"));
  EXPECT_THAT(instances_of("tcp://gateway:5573", tells({"::1"})).all, ElementsAre("tcp://[::1]:5573"));
}

TEST(InstancesOf, an_address_and_of_what_is_no_name_and_port_are_what_was_given) {
  const bus::LookUp never = [](const bus::HostAndPort& where) {
    ADD_FAILURE() << where.host << " is looked up";
    return bus::Resolution{};
  };
  for (const auto* endpoint :
       {"tcp://127.0.0.1:5573", "http://[::1]:9103", "gateway:5573", "http://gateway/at"})
    EXPECT_THAT(instances_of(endpoint, never).all, ElementsAre(endpoint));
}

TEST(InstancesOf, a_name_that_leads_nowhere_are_none_and_say_why) {
  const auto instances = instances_of("tcp://gateway:5573", [](const bus::HostAndPort&) {
    return bus::Resolution{{}, "unheard of"};
  });
  EXPECT_TRUE(instances.all.empty());
  EXPECT_EQ(instances.trouble, "unheard of");
}

/// A name that no name server is asked for: a part of it is longer than any may be (RFC 1035 §2.3.4).
class Nowhere : public testing::Test {
 protected:
  void expect_only(const Findings& findings, const std::string& name) const {
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_FALSE(findings[0].good);
    EXPECT_EQ(findings[0].name, name);
    EXPECT_THAT(findings[0].detail, StartsWith("cannot find its address: "));
    EXPECT_GT(findings[0].detail.size(), std::string("cannot find its address: ").size()) << "why";
    EXPECT_FALSE(findings[0].remedy.empty());
  }
  std::string key(const std::string& name) const {
    const auto called = call({"keygen", name, "--out", directory_.path_of("keys")});
    EXPECT_EQ(called.exit_code, 0) << called.err;
    return directory_.path_of("keys/" + name);
  }
  test::TemporaryFolder directory_;
  const std::string at_ = std::string(64, 'x') + ".example:5573";
};

TEST_F(Nowhere, is_told_of_a_service) {
  Settings settings;
  settings.services_http = {"http://" + at_};
  expect_only(look_at_services(settings), "service http://" + at_);
}

TEST_F(Nowhere, is_told_of_an_intake) {
  Settings settings;
  settings.source_key = key("site") + ".secret";
  settings.registration_key = key("registration") + ".public";
  settings.registration = {"tcp://" + at_};
  expect_only(look_at_intakes(settings), "registration tcp://" + at_);
}

TEST_F(Nowhere, is_told_of_a_gateway) {
  Settings settings;
  settings.check_key = key("check") + ".secret";
  settings.gateway_key = key("gateway") + ".public";
  settings.gateways = {"tcp://" + at_};
  expect_only(look_at_gateways(settings), "gateway tcp://" + at_);
}

}  // namespace
}  // namespace rostrum::cli::check
