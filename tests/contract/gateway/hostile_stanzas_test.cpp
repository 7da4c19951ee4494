// SPDX-License-Identifier: GPL-3.0-or-later
// What strangers send over a good server.
#include <gtest/gtest.h>

#include "tests/contract/gateway/hostile_server.hpp"

namespace rostrum::test {
namespace {

using namespace std::chrono_literals;

TEST(HostileStanzas, hostile_stanzas_are_dropped_and_counted_and_the_stream_lives) {
  std::atomic<bool> counted_right{false};
  HostileServer hostile([&](Conversation& with) {
    with.logs_in(good_certificate(), "secret", true);
    std::string nested;
    for (int i = 0; i < 20'000; ++i) nested += "<x>";
    for (int i = 0; i < 20'000; ++i) nested += "</x>";
    with.says("<message from='mallory@example.org'>" + nested + "</message>");
    with.says("<message from='mallory@example.org'><body>" + std::string(400'000, 'x') + "</body></message>");
    with.says("<message from='mallory@example.org'><!-- --><body>&undefined;</body></message>");
    with.says("<message from='mallory@example.org'><received xmlns='urn:xmpp:carbons:2'/></message>");
    with.says(
        "<iq type='set' id='p' from='mallory@example.org'><query xmlns='jabber:iq:roster'><item "
        "jid='m@x'/></query></iq>");
    with.says("<iq type='result' id='guess' from='mallory@example.org'/>");
    with.says("<presence from='mallory@example.org'/><message><body>from nobody</body></message>");
    with.says(
        "<message from='anna@example.org/phone'><received xmlns='urn:xmpp:receipts' id='n1'/></message>");
    with.says("<r xmlns='urn:xmpp:sm:3'/>");
    with.hears("<a");
    counted_right = attribute_of(with.hears(">"), "h") == "10";  // the first ping's answer and nine more
    with.waits();
  });
  SenderOnBench sender(hostile.bench, hostile.site(true));
  EXPECT_TRUE(hostile.bench.serves_until([&] { return counted_right.load(); }));
  EXPECT_TRUE(sender.session.online());
  ASSERT_EQ(sender.messages.size(), 1u);
  EXPECT_NE(sender.messages[0].find("n1"), std::string::npos);
  for (const auto* rule : {"forged-carbon", "forged-roster-push", "forged-answer", "presence", "no-sender"})
    EXPECT_TRUE(hostile.bench.counted(disbelieved(rule))) << rule;
  for (const auto* reason : {"too-deep", "too-large", "forbidden-markup"})
    EXPECT_TRUE(
        hostile.bench.counted("rostrum_gateway_stanzas_dropped_total{reason=\"" + std::string(reason) + "\""))
        << reason;
}

TEST(HostileStanzas, an_answer_of_somebody_else_is_no_answer) {
  HostileServer hostile([](Conversation& with) {
    with.logs_in(good_certificate(), "secret");
    const auto describe = with.hears_tag("iq");
    with.hears("</iq>");
    const auto id = attribute_of(describe, "id");
    const std::string door =
        "><describe xmlns='urn:rostrum:door:1' version='1' in-band-registration='closed' "
        "control='site@example.org' site='";
    with.says("<iq type='result' id='" + id + "' from='mallory@example.org'" + door +
              "mallory@example.org'/></iq>");
    with.says("<iq type='result' id='" + id + "' from='example.org'" + door + "shop@example.org'/></iq>");
    with.waits();
  });
  DoorOnBench door(hostile.bench, hostile.bench.session("door", "site@example.org", "secret", false),
                   "shop@example.org");
  EXPECT_TRUE(hostile.bench.serves_until([&] { return door.ready(); }));
  EXPECT_TRUE(hostile.bench.counted(disbelieved("forged-answer")));
}

}  // namespace
}  // namespace rostrum::test
