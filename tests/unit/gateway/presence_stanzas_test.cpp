// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/adapters/presence_stanzas.hpp"

#include <gtest/gtest.h>

#include "tests/unit/gateway/tag_of.hpp"

namespace rostrum::test {
namespace {

using namespace gateway;
using Kind = WatchMessage::Kind;
using ItemKind = WatchMessage::Item::Kind;

TEST(PresenceStanzas, reads_a_page_of_the_watch) {
  const auto tag = tag_of(
      "<message from='example.org' type='headline'><presences xmlns='urn:rostrum:presence:1' watch='w' "
      "number='1'>"
      "<available jid='anna@example.org/phone' show='away' priority='5' age='12'><status>in a "
      "&lt;meeting&gt;</status>"
      "</available><unavailable jid='ben@example.org/desk' ending='dropped'/><else/></presences></message>");
  ASSERT_TRUE(is_of_watch(*tag));
  const auto message = read_watch_message(*tag);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->kind, Kind::kPresences);
  EXPECT_EQ(message->watch, "w");
  EXPECT_EQ(message->number, "1");
  ASSERT_EQ(message->items.size(), 3u);
  const auto& anna = message->items[0];
  EXPECT_EQ(anna.kind, ItemKind::kAvailable);
  EXPECT_EQ(anna.jid, "anna@example.org/phone");
  EXPECT_EQ(anna.show, "away");
  EXPECT_EQ(anna.priority, "5");
  EXPECT_EQ(anna.age, "12");
  EXPECT_EQ(anna.status, "in a <meeting>");
  EXPECT_EQ(message->items[1].kind, ItemKind::kUnavailable);
  EXPECT_EQ(message->items[1].ending, "dropped");
  EXPECT_EQ(message->items[2].kind, ItemKind::kOther);
}

TEST(PresenceStanzas, reads_the_ends_of_the_watch) {
  const auto end =
      tag_of("<message><snapshot-end xmlns='urn:rostrum:presence:1' watch='w' number='102'/></message>");
  EXPECT_EQ(read_watch_message(*end)->kind, Kind::kSnapshotEnd);
  const auto ended =
      tag_of("<message><ended xmlns='urn:rostrum:presence:1' watch='w' reason='superseded'/></message>");
  EXPECT_EQ(read_watch_message(*ended)->reason, "superseded");
  const auto other = tag_of("<message><other xmlns='urn:rostrum:presence:1'/></message>");
  EXPECT_TRUE(is_of_watch(*other));
  EXPECT_FALSE(read_watch_message(*other));
  EXPECT_FALSE(is_of_watch(*tag_of("<message><body>hello</body></message>")));
}

TEST(PresenceStanzas, asks_for_a_watch_and_reads_the_grant) {
  EXPECT_EQ(watch_element(7)->xml(), "<watch xmlns='urn:rostrum:presence:1' epoch='7'/>");
  EXPECT_EQ(read_granted_watch(
                *tag_of("<iq type='result'><watching xmlns='urn:rostrum:presence:1' watch='w'/></iq>")),
            "w");
  EXPECT_EQ(read_granted_watch(*tag_of("<iq type='result'/>")), "");
}

TEST(PresenceStanzas, reads_a_roster) {
  const auto tag = tag_of(
      "<iq type='result'><query xmlns='jabber:iq:roster'><item jid='anna@example.org' subscription='both'>"
      "<group>x</group></item><item jid='ben@example.org'/><else/></query></iq>");
  const auto items = read_roster(*tag);
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].jid, "anna@example.org");
  EXPECT_EQ(items[0].subscription, "both");
  EXPECT_EQ(items[1].subscription, "");
  EXPECT_TRUE(read_roster(*tag_of("<iq type='result'/>")).empty());
}

TEST(PresenceStanzas, reads_an_ordinary_presence_and_the_servers_own_last_stamp) {
  const auto tag = tag_of(
      "<presence from='anna@example.org/phone'><show>xa</show><priority>-1</priority>"
      "<status xml:lang='de'>fort</status><status>away</status>"
      "<delay xmlns='urn:xmpp:delay' from='example.org' stamp='2001-01-01T00:00:00Z'/>"
      "<delay xmlns='urn:xmpp:delay' from='example.org' stamp='2026-01-01T00:00:00Z'/>"
      "<delay xmlns='urn:xmpp:delay' from='anna@example.org' stamp='1999-01-01T00:00:00Z'/></presence>");
  const auto told = read_presence(*tag, "example.org");
  EXPECT_EQ(told.type, "");
  EXPECT_EQ(told.from, "anna@example.org/phone");
  EXPECT_EQ(told.show, "xa");
  EXPECT_EQ(told.priority, "-1");
  EXPECT_EQ(told.status, "away");
  EXPECT_EQ(told.stamp, "2026-01-01T00:00:00Z");
}

TEST(PresenceStanzas, takes_the_first_language_where_there_is_no_text_without_one) {
  const auto tag =
      tag_of("<presence><status xml:lang='de'>fort</status><status xml:lang='en'>away</status></presence>");
  EXPECT_EQ(read_presence(*tag, "example.org").status, "fort");
}

}  // namespace
}  // namespace rostrum::test
