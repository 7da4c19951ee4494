// SPDX-License-Identifier: GPL-3.0-or-later
// Servers that die, fall silent or do not read while they are to confirm.
#include <gtest/gtest.h>

#include "tests/contract/gateway/hostile_server.hpp"

namespace rostrum::test {
namespace {

using namespace std::chrono_literals;
using gateway::Ending;

TEST(HostileDelivery, a_door_that_never_answers_leaves_unknown) {
  HostileServer hostile([](Conversation& with) {
    with.logs_in(good_certificate(), "secret");
    const auto id = attribute_of(with.hears_tag("iq"), "id");
    with.says("<iq type='result' id='" + id +
              "' from='example.org'><describe xmlns='urn:rostrum:door:1' version='1' " +
              "in-band-registration='closed' control='site@example.org' site='shop@example.org'/></iq>");
    with.hears("<create");
  });
  DoorOnBench door(hostile.bench, hostile.bench.session("door", "site@example.org", "secret", false),
                   "shop@example.org");
  ASSERT_TRUE(hostile.bench.serves_until([&] { return door.ready(); }));
  EXPECT_EQ(door.outcome(door.ask(gateway::DoorRequest::Action::kCreate, "anna@example.org", "c1")).ending,
            Ending::kUnknown);
}

TEST(HostileDelivery, dies_with_unconfirmed_messages_and_leaves_unknown) {
  HostileServer hostile([](Conversation& with) {
    with.logs_in(good_certificate(), "secret", true);
    with.hears("hello 3");
  });
  SenderOnBench sender(hostile.bench, hostile.site(true));
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.session.online(); }));
  for (int i = 1; i <= 5; ++i) sender.send("anna@example.org", "hello " + std::to_string(i));
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.outcomes.size() == 5; }));
  EXPECT_EQ(sender.count(Ending::kUnknown), 5u);
}

TEST(HostileDelivery, confirms_some_and_dies_and_only_the_rest_is_unknown) {
  HostileServer hostile([](Conversation& with) {
    with.logs_in(good_certificate(), "secret", true);
    with.hears("hello 2");
    with.hears("<r");
    with.says("<a xmlns='urn:xmpp:sm:3' h='3'/>");  // presence, ping and the first message
    with.hears("hello 5");
  });
  SenderOnBench sender(hostile.bench, hostile.site(true), {.barrier_every = 1});
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.session.online(); }));
  for (int i = 1; i <= 5; ++i) sender.send("anna@example.org", "hello " + std::to_string(i));
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.outcomes.size() == 5; }));
  EXPECT_EQ(sender.count(Ending::kDone), 1u);
  EXPECT_EQ(sender.count(Ending::kUnknown), 4u);
}

TEST(HostileDelivery, what_came_before_the_server_ended_the_stream_is_handed_on) {
  HostileServer hostile([](Conversation& with) {
    with.logs_in(good_certificate(), "secret", true);
    with.hears("</stream:stream>");
    with.says("<message from='anna@example.org/desk' id='late'/></stream:stream>");
  });
  SenderOnBench sender(hostile.bench, hostile.site(true));
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.session.online(); }));
  sender.session.close();
  EXPECT_FALSE(sender.session.online());
  EXPECT_FALSE(sender.session.closed());
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.session.closed(); }));
  ASSERT_EQ(sender.messages.size(), 1u);
  EXPECT_NE(sender.messages[0].find("late"), std::string::npos);
  EXPECT_EQ(hostile.server.connections(), 1);
}

TEST(HostileDelivery, is_left_while_the_stream_proves_itself_and_does_not_come_online_after_that) {
  std::atomic<bool> asked = false;
  HostileServer hostile([&](Conversation& with) {
    with.begins_secured(good_certificate());
    with.authenticates("secret");
    const auto id = with.binds_and_leaves_the_ping();
    asked = true;
    with.hears("</stream:stream>");
    with.says("<iq type='result' from='example.org' id='" + id + "'/></stream:stream>");
  });
  SenderOnBench sender(hostile.bench, hostile.site());
  ASSERT_TRUE(hostile.bench.serves_until([&] { return asked.load(); }));
  sender.session.close();
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.session.closed(); }));
  EXPECT_FALSE(hostile.bench.counted("rostrum_gateway_stream_online"));
  EXPECT_EQ(hostile.bench.health.ready().text.find("sender: good"), std::string::npos);
}

TEST(HostileDelivery, never_ends_the_stream_and_is_left_all_the_same) {
  HostileServer hostile([](Conversation& with) {
    with.logs_in(good_certificate(), "secret", true);
    with.waits();
  });
  SenderOnBench sender(hostile.bench, hostile.site(true));
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.session.online(); }));
  sender.session.close();
  EXPECT_TRUE(hostile.bench.serves_until([&] { return sender.session.closed(); }, 4s));
}

TEST(HostileDelivery, says_nothing_after_its_own_end_of_the_stream) {
  std::atomic<bool> heard_more = false;
  HostileServer hostile([&](Conversation& with) {
    with.logs_in(good_certificate(), "secret", true);
    with.hears("</stream:stream>");
    with.says("<r xmlns='urn:xmpp:sm:3'/></stream:stream>");
    heard_more = with.hears("<a").find("<a") != std::string::npos;
  });
  SenderOnBench sender(hostile.bench, hostile.site(true));
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.session.online(); }));
  sender.session.close();
  EXPECT_TRUE(hostile.bench.serves_until([&] { return sender.session.closed(); }, 4s));
  EXPECT_FALSE(heard_more);
}

TEST(HostileDelivery, never_confirms_and_is_given_up) {
  HostileServer hostile([](Conversation& with) {
    with.logs_in(good_certificate(), "secret", true);
    with.waits();
  });
  SenderOnBench sender(hostile.bench, hostile.site(true), {.confirmation_deadline = 500ms});
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.session.online(); }));
  const auto id = sender.send("anna@example.org");
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.outcomes.contains(id); }));
  EXPECT_EQ(sender.outcomes.at(id).ending, Ending::kUnknown);
  EXPECT_TRUE(hostile.bench.counted(losses("silent")));
}

TEST(HostileDelivery, reads_nothing_and_never_makes_us_hold_more_than_our_share) {
  HostileServer hostile([](Conversation& with) {
    with.logs_in(good_certificate(), "secret", true);
    with.waits(false);
  });
  auto settings = hostile.site(true);
  SenderOnBench sender(hostile.bench, std::move(settings),
                       {.unconfirmed_bytes = 8 * 1024 * 1024, .confirmation_deadline = 1s});
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.session.online(); }));
  for (int i = 0; i < 3'000; ++i) sender.send("anna@example.org", std::string(16'000, 'x'), 30s);
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.outcomes.size() == 3'000; }, 30s));
  EXPECT_LE(sender.count(Ending::kUnknown), 400u);
  EXPECT_EQ(sender.count(Ending::kUnknown) + sender.count(Ending::kRetry), 3'000u);
}

TEST(HostileDelivery, a_full_output_buffer_ends_the_stream) {
  HostileServer hostile([](Conversation& with) {
    with.logs_in(good_certificate(), "secret", true);
    with.waits(false);
  });
  auto settings = hostile.site(true);
  settings.output_limits = {.high_water_bytes = 64 * 1024 * 1024,
                            .most_bytes = 4 * 1024 * 1024};  // as if nobody watched the mark
  SenderOnBench sender(hostile.bench, std::move(settings),
                       {.unconfirmed = 2'000, .unconfirmed_bytes = 64 * 1024 * 1024});
  ASSERT_TRUE(hostile.bench.serves_until([&] { return sender.session.online(); }));
  for (int i = 0; i < 1'500; ++i) sender.send("anna@example.org", std::string(16'000, 'x'), 30s);
  EXPECT_TRUE(hostile.bench.serves_until([&] { return hostile.bench.counted(losses("overflow")); }));
}

}  // namespace
}  // namespace rostrum::test
