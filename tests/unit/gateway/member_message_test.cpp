// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/member_message.hpp"

#include <gtest/gtest.h>

#include "tests/unit/gateway/tag_of.hpp"

namespace rostrum::gateway {
namespace {

MemberMessage read(const std::string& xml) {
  return read_member_message(*test::tag_of(xml), "example.org");
}
bool means_nothing(const std::string& xml) {
  return std::holds_alternative<std::monostate>(read(xml));
}

TEST(MemberMessage, reads_a_receipt) {
  const auto message =
      read("<message from='Anna@example.org/phone'><received xmlns='urn:xmpp:receipts' id='n1'/></message>");
  const auto* receipt = std::get_if<Receipt>(&message);
  ASSERT_NE(receipt, nullptr);
  EXPECT_EQ(receipt->stanza_id, "n1");
  EXPECT_EQ(receipt->from.text(), "anna@example.org");
}

TEST(MemberMessage, reads_a_bounce) {
  const auto message = read(
      "<message type='error' id='n1' from='anna@example.org'><error type='cancel'>"
      "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
      "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>no</text></error></message>");
  const auto* bounce = std::get_if<Bounce>(&message);
  ASSERT_NE(bounce, nullptr);
  EXPECT_EQ(bounce->stanza_id, "n1");
  EXPECT_EQ(bounce->error.condition, "service-unavailable");
  EXPECT_EQ(bounce->error.text, "no");
}

TEST(MemberMessage, invented_conditions_become_undefined) {
  const auto message = read(
      "<message type='error' id='n1' from='anna@example.org'><error type='cancel'>"
      "<made-up xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><conflict xmlns='urn:else'/></error></message>");
  EXPECT_EQ(std::get<Bounce>(message).error.condition, "undefined-condition");
}

TEST(MemberMessage, believes_news_of_accounts_from_the_server_alone) {
  const std::string news = "><account xmlns='urn:rostrum:door:1' event='appeared' username='eve'/></message>";
  const auto message = read("<message from='example.org'" + news);
  ASSERT_TRUE(std::holds_alternative<AccountNews>(message));
  EXPECT_EQ(std::get<AccountNews>(message).account.text(), "eve@example.org");
  EXPECT_TRUE(std::get<AccountNews>(message).appeared);
  EXPECT_TRUE(means_nothing("<message from='mallory@example.org'" + news));
  EXPECT_TRUE(means_nothing("<message from='other.org'" + news));
}

TEST(MemberMessage, most_messages_mean_nothing) {
  EXPECT_TRUE(means_nothing("<message from='anna@example.org'><body>hello</body></message>"));
  EXPECT_TRUE(
      means_nothing("<message from='anna@example.org'><received xmlns='urn:xmpp:receipts'/></message>"));
  EXPECT_TRUE(means_nothing(
      "<message from='anna@example.org'><received xmlns='urn:xmpp:carbons:2' id='n1'/></message>"));
  EXPECT_TRUE(means_nothing(
      "<message from='anna@example.org'><x><received xmlns='urn:xmpp:receipts' id='n1'/></x></message>"));
  EXPECT_TRUE(
      means_nothing("<message from='example.org'><received xmlns='urn:xmpp:receipts' id='n1'/></message>"));
  EXPECT_TRUE(means_nothing("<message type='error' from='anna@example.org'/>"));
  EXPECT_TRUE(means_nothing("<message from='anna@example.org'><received xmlns='urn:xmpp:receipts' id='" +
                            std::string(129, 'x') + "'/></message>"));
}

}  // namespace
}  // namespace rostrum::gateway
