// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/gateway/core/roster_view.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"
#include "tests/unit/gateway/sightings_in_words.hpp"

namespace rostrum::gateway {
namespace {

using namespace std::chrono_literals;

class RosterViewTest : public testing::Test {
 protected:
  std::string roster_comes(const std::vector<RosterItem>& items) { return words(view.roster(items)); }
  std::string barrier_is_reached() { return words(view.barrier_reached()); }
  std::string stream_is_lost() { return words(view.offline()); }
  std::string roster_changes(const RosterItem& item) { return words(view.pushed(item)); }
  std::string comes(std::string_view from, std::string_view show = {}, std::string_view stamp = {}) {
    return tells(
        {.type = {}, .from = from, .show = std::string(show), .priority = {}, .status = {}, .stamp = stamp});
  }
  std::string goes(std::string_view from, std::string status = {}, std::string_view stamp = {}) {
    return tells({.type = "unavailable",
                  .from = from,
                  .show = {},
                  .priority = {},
                  .status = std::move(status),
                  .stamp = stamp});
  }
  std::string tells(const ToldPresence& presence) {
    return words(view.told(presence, {clock.mono(), clock.wall()}));
  }
  std::string words(const Sightings& seen) const { return test::in_words(seen, clock.mono()); }
  void is_whole() {
    roster_comes({{"anna@example.org", "both"}, {"ben@example.org", "to"}});
    barrier_is_reached();
  }

  test::FakeClock clock;  // 2026-01-01T00:00:00Z
  RosterView view{PresenceAddresses("example.org", {Jid::parse("site@example.org").value()})};
};

TEST_F(RosterViewTest, everybody_is_named_between_the_first_presence_and_the_barrier) {
  EXPECT_EQ(comes("anna@example.org/phone"), "");
  EXPECT_EQ(roster_comes({{"anna@example.org", "both"}}), "view began; ");
  EXPECT_EQ(comes("anna@example.org/phone", "dnd", "2025-12-31T23:59:00Z"), "anna/phone came dnd 60s ago; ");
  EXPECT_EQ(comes("anna@example.org/desk"), "anna/desk came online; ");
  EXPECT_EQ(barrier_is_reached(), "view whole; ");
  EXPECT_EQ(barrier_is_reached(), "");
  EXPECT_EQ(comes("anna@example.org/web"), "anna/web came online 0s ago; ");
  EXPECT_EQ(stream_is_lost(), "view lost: stream-lost; ");
  EXPECT_EQ(comes("anna@example.org/web"), "");
}

TEST_F(RosterViewTest, tells_who_left_and_who_was_dropped) {
  is_whole();
  EXPECT_EQ(goes("anna@example.org/phone", "good night"), "anna/phone left; ");
  EXPECT_EQ(goes("ben@example.org/desk", "Disconnected: closed"), "ben/desk was dropped; ");
}

TEST_F(RosterViewTest, believes_contacts_alone) {
  is_whole();
  EXPECT_EQ(comes("eve@example.org/x"), "stranger; ");
  EXPECT_EQ(goes("eve@example.org/x"), "stranger; ");
  EXPECT_EQ(comes("anna@example.com/x"), "foreign; ");
  EXPECT_EQ(comes("anna@example.org"), "no-resource; ");
  EXPECT_EQ(comes("site@example.org/other"), "reserved; ");
  EXPECT_EQ(comes(""), "address; ");
  for (const auto* type :
       {"subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe", "error", "nonsense"})
    EXPECT_EQ(tells({type, "anna@example.org/phone", {}, {}, {}, {}}), "type; ") << type;
}

TEST_F(RosterViewTest, only_a_contact_that_shows_its_presence_to_the_site_counts) {
  roster_comes({{"anna@example.org", "from"}, {"ben@example.org", "none"}, {"carla@example.org", ""}});
  for (const auto* who : {"anna@example.org/x", "ben@example.org/x", "carla@example.org/x"})
    EXPECT_EQ(comes(who), "stranger; ") << who;
}

TEST_F(RosterViewTest, where_the_server_keeps_the_contacts_itself_everybody_of_the_domain_is_one) {
  roster_comes({});
  EXPECT_EQ(comes("anna@example.org/x"), "anna/x came online; ");
  EXPECT_EQ(barrier_is_reached(), "view whole; ");
  EXPECT_EQ(comes("ben@example.org/x"), "ben/x came online 0s ago; ");
  EXPECT_EQ(comes("site@example.org/other"), "reserved; ");
  EXPECT_EQ(comes("eve@example.com/x"), "foreign; ");
}

TEST_F(RosterViewTest, sees_newcomers_and_forgets_who_is_removed) {
  is_whole();
  EXPECT_EQ(roster_changes({"carla@example.org", "both"}), "");
  EXPECT_EQ(comes("carla@example.org/x"), "carla/x came online 0s ago; ");
  EXPECT_EQ(roster_changes({"carla@example.org", "remove"}), "carla vanished; ");
  EXPECT_EQ(comes("carla@example.org/x"), "stranger; ");
  EXPECT_EQ(roster_changes({"carla@example.org", "remove"}), "");
  EXPECT_EQ(roster_changes({"anna@example.com", "both"}), "");
}

TEST_F(RosterViewTest, a_stamped_presence_in_mid_view_is_a_copy) {
  is_whole();
  EXPECT_EQ(comes("anna@example.org/phone", "away", "2025-12-31T23:59:30.123Z"),
            "anna/phone came away 30s ago (copy); ");
  EXPECT_EQ(goes("anna@example.org/phone", "", "2001-01-01T00:00:00Z"), "anna/phone left; ");
}

TEST_F(RosterViewTest, an_absurd_stamp_does_no_harm) {
  is_whole();
  EXPECT_EQ(comes("anna@example.org/phone", "", "2099-01-01T00:00:00Z"),
            "anna/phone came online 0s ago (copy); ");
  EXPECT_EQ(comes("anna@example.org/phone", "", "0001-01-01T00:00:00Z"),
            "anna/phone came online " + std::to_string(std::chrono::seconds(std::chrono::years(20)).count()) +
                "s ago (copy); ");
  for (const auto* stamp : {"yesterday", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
                            "2026-01-01T24:00:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00+01:00",
                            "2026-01-01 00:00:00Z", "-026-01-01T00:00:00Z", "2026-01-01T00:00:00.xZ"})
    EXPECT_EQ(comes("anna@example.org/phone", "", stamp), "age; anna/phone came online 0s ago; ") << stamp;
}

}  // namespace
}  // namespace rostrum::gateway
