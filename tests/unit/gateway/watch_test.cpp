// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/watch.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"
#include "tests/unit/gateway/sightings_in_words.hpp"

namespace rostrum::gateway {
namespace {

using namespace std::chrono_literals;
using Kind = WatchMessage::Kind;
using ItemKind = WatchMessage::Item::Kind;

/// Plays the server; what the watch sees and asks is written down in words.
class WatchTest : public testing::Test {
 protected:
  std::string stream_opens() { return words(watch.online(clock.mono())); }
  std::string stream_is_lost() { return words(watch.offline()); }
  std::string server_grants(const std::string& name) { return words(watch.granted(name, clock.mono())); }
  std::string server_refuses(const std::string& condition) {
    return words(watch.refused({condition, "because"}, clock.mono()));
  }
  std::string server_tells(std::string_view name, std::string_view number,
                           std::vector<WatchMessage::Item> items) {
    return words(watch.told({Kind::kPresences, name, number, {}, std::move(items)}, clock.mono()));
  }
  std::string server_ends_snapshot(std::string_view name, std::string_view number) {
    return words(watch.told({Kind::kSnapshotEnd, name, number, {}, {}}, clock.mono()));
  }
  std::string server_ends_watch(std::string_view name, std::string_view reason) {
    return words(watch.told({Kind::kEnded, name, {}, reason, {}}, clock.mono()));
  }
  std::string time_passes(Milliseconds time) {
    clock.advance(time);
    return words(watch.tick(clock.mono()));
  }
  static WatchMessage::Item available(std::string_view jid, std::string_view show = {},
                                      std::string_view age = {}) {
    return {ItemKind::kAvailable, jid, show, {}, age, {}, {}};
  }
  static WatchMessage::Item unavailable(std::string_view jid, std::string_view ending) {
    return {ItemKind::kUnavailable, jid, {}, {}, {}, ending, {}};
  }
  std::string words(const Watch::Step& step) {
    return test::in_words(step.seen, clock.mono()) + (step.ask ? "asks; " : "");
  }

  test::FakeClock clock;
  Watch watch{PresenceAddresses("example.org", {Jid::parse("site@example.org").value()})};
};

TEST_F(WatchTest, asks_once_the_stream_stands_and_believes_what_comes_in_its_turn) {
  EXPECT_EQ(stream_opens(), "asks; ");
  EXPECT_EQ(server_grants("w"), "view began; ");
  EXPECT_EQ(server_tells("w", "1",
                         {available("anna@example.org/phone", "away", "12"),
                          unavailable("ben@example.org/desk", "dropped")}),
            "anna/phone came away 12s ago; ben/desk was dropped; ");
  EXPECT_EQ(server_ends_snapshot("w", "2"), "view whole; ");
  EXPECT_EQ(server_tells("w", "3", {unavailable("anna@example.org/phone", "left")}), "anna/phone left; ");
}

TEST_F(WatchTest, asks_for_a_new_watch_when_a_number_is_missing) {
  stream_opens();
  server_grants("w");
  clock.advance(5s);
  server_tells("w", "1", {});
  EXPECT_EQ(server_tells("w", "3", {available("anna@example.org/phone")}),
            "gap; view lost: watch-gap; asks; ");
  EXPECT_EQ(server_tells("w", "4", {available("anna@example.org/phone")}), "");
  EXPECT_EQ(server_grants("w2"), "view began; ");
  EXPECT_EQ(server_tells("w2", "1", {available("anna@example.org/phone")}),
            "anna/phone came online 0s ago; ");
}

TEST_F(WatchTest, a_repeated_or_unreadable_number_is_a_missing_one) {
  for (const auto* number : {"1", "0", "", "2x", " 2", "02", "18446744073709551618"}) {
    stream_opens();
    server_grants("w");
    clock.advance(5s);
    server_tells("w", "1", {});
    EXPECT_EQ(server_tells("w", number, {}), "gap; view lost: watch-gap; asks; ") << number;
  }
}

TEST_F(WatchTest, asks_for_a_new_watch_when_another_name_is_read) {
  stream_opens();
  server_grants("w");
  clock.advance(5s);
  EXPECT_EQ(server_tells("v", "1", {available("anna@example.org/phone")}),
            "wrong-watch; view lost: wrong-watch; asks; ");
}

TEST_F(WatchTest, does_not_ask_in_a_circle) {
  stream_opens();
  server_grants("w");
  EXPECT_EQ(server_tells("w", "7", {}), "gap; view lost: watch-gap; ");
  EXPECT_EQ(time_passes(999ms), "");
  EXPECT_EQ(time_passes(1ms), "asks; ");
}

TEST_F(WatchTest, passes_over_what_the_watch_before_still_said) {
  EXPECT_EQ(server_tells("w", "1", {available("anna@example.org/phone")}), "");
  stream_opens();
  EXPECT_EQ(server_tells("w", "1", {available("anna@example.org/phone")}), "");
  EXPECT_EQ(server_ends_watch("w", "superseded"), "");
}

TEST_F(WatchTest, believes_neither_foreign_nor_broken_items_and_goes_on) {
  stream_opens();
  server_grants("w");
  EXPECT_EQ(server_tells("w", "1",
                         {available("eve@example.com/x"), available("anna@example.org"),
                          available("site@example.org/x"), available("A@example.org/x"),
                          WatchMessage::Item{ItemKind::kOther, {}, {}, {}, {}, {}, {}},
                          available("ben@example.org/desk")}),
            "foreign; no-resource; reserved; address; malformed; ben/desk came online 0s ago; ");
}

TEST_F(WatchTest, a_resource_is_there_even_if_what_is_said_of_it_cannot_be) {
  stream_opens();
  server_grants("w");
  EXPECT_EQ(server_tells("w", "1",
                         {available("anna@example.org/phone", "sleeping", "x"),
                          unavailable("ben@example.org/desk", "exploded")}),
            "show; age; anna/phone came online; ending; ben/desk was dropped; ");
}

TEST_F(WatchTest, is_told_that_another_owner_watches) {
  stream_opens();
  server_grants("w");
  EXPECT_EQ(server_ends_watch("w", "superseded"), "superseded: superseded; ");
  EXPECT_EQ(time_passes(1h), "");
  stream_is_lost();
  stream_opens();
  EXPECT_EQ(server_refuses("conflict"), "superseded: conflict; ");
}

TEST_F(WatchTest, asks_again_when_the_module_has_gone) {
  stream_opens();
  server_grants("w");
  EXPECT_EQ(server_ends_watch("w", "unloaded"), "view lost: watch-ended; ");
  EXPECT_EQ(time_passes(1s), "asks; ");
}

TEST_F(WatchTest, says_what_to_mend_and_looks_again_later) {
  stream_opens();
  EXPECT_NE(server_refuses("service-unavailable").find("mod_rostrum"), std::string::npos);
  EXPECT_EQ(time_passes(29s), "");
  EXPECT_EQ(time_passes(1s), "asks; ");
  EXPECT_NE(server_refuses("forbidden").find("rostrum_site"), std::string::npos);
  time_passes(30s);
  EXPECT_NE(server_grants("").find("without a name"), std::string::npos);
}

TEST_F(WatchTest, asks_again_when_no_answer_comes) {
  stream_opens();
  EXPECT_EQ(time_passes(30s), "asks; ");
}

TEST_F(WatchTest, says_that_the_view_is_lost_with_the_stream) {
  stream_opens();
  server_grants("w");
  EXPECT_EQ(stream_is_lost(), "view lost: stream-lost; ");
  EXPECT_EQ(time_passes(1h), "");
  EXPECT_EQ(server_grants("w"), "");
  EXPECT_EQ(stream_opens(), "asks; ");
}

}  // namespace
}  // namespace rostrum::gateway
