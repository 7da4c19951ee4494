// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/door_protocol.hpp"

#include <gtest/gtest.h>

#include "tests/unit/gateway/tag_of.hpp"

namespace rostrum::gateway {
namespace {

const Jid kSite = Jid::parse("site@example.org").value();
const Jid kControl = Jid::parse("rostrum@example.org").value();

DoorDescription described(const std::string& attributes) {
  return read_description(*test::tag_of(
      "<iq type='result' from='example.org'><describe xmlns='urn:rostrum:door:1' " + attributes + "/></iq>"));
}

TEST(DoorProtocol, writes_requests) {
  const DoorRequest create{DoorRequest::Action::kCreate, Jid::parse("anna@example.org").value(), "c1",
                           Secret("p<w")};
  EXPECT_EQ(
      door_element(create)->xml(),
      "<create xmlns='urn:rostrum:door:1' username='anna' claim='c1'><password>p&lt;w</password></create>");
  const DoorRequest remove{DoorRequest::Action::kRemove, Jid::parse("anna@example.org").value(), "c1",
                           Secret()};
  EXPECT_EQ(door_element(remove)->xml(), "<remove xmlns='urn:rostrum:door:1' username='anna' claim='c1'/>");
}

TEST(DoorProtocol, reads_replies) {
  const auto good = read_reply(*test::tag_of(
      "<iq type='result'><account xmlns='urn:rostrum:door:1' username='anna' outcome='created'/></iq>"));
  EXPECT_TRUE(good.good);
  EXPECT_EQ(good.condition, "created");
  const auto bad = read_reply(*test::tag_of(
      "<iq type='error'><error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
      "<existed xmlns='urn:rostrum:door:1'/></error></iq>"));
  EXPECT_FALSE(bad.good);
  EXPECT_EQ(bad.condition, "conflict");
  EXPECT_FALSE(read_reply(*test::tag_of("<iq type='result'/>")).good);
}

TEST(DoorProtocol, uses_only_the_door_it_expects) {
  const std::string good =
      "version='1' site='site@example.org' control='rostrum@example.org' in-band-registration='closed'";
  EXPECT_EQ(unfit_because(described(good), kSite, kControl), "");
  EXPECT_NE(unfit_because({}, kSite, kControl), "");
  EXPECT_NE(unfit_because(described("version='2'"), kSite, kControl), "");
  EXPECT_NE(unfit_because(described(good), kControl, kControl), "");
  EXPECT_NE(unfit_because(described(good), kSite, kSite), "");
}

}  // namespace
}  // namespace rostrum::gateway
