// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/presence/world.hpp"

namespace rostrum::presence {
namespace {

using namespace test;
using std::chrono::seconds;

class Views : public World {
 protected:
  Rows members() const {
    return read("SELECT member_id, state, show, " + ago("since") + ", " + ago("last_seen") +
                ", resources, uncertain FROM presence.member_now ORDER BY member_id");
  }
  Rows resources() const {
    return read("SELECT member_id || '/' || resource, state, show, " + ago("since") +
                ", uncertain FROM presence.resource_now ORDER BY 1");
  }
  /// "anna online, ben offline": who was what so many seconds ago.
  std::string were(int ago) const {
    return value(
        "SELECT coalesce(string_agg(member_id || ' ' || state, ', ' ORDER BY member_id), '') FROM "
        "presence.online_at(now() - interval '1 s' * " +
        std::to_string(ago) + ")");
  }
};

// --- now

TEST_F(Views, nobody_is_known_before_anybody_looked) {
  member("anna");
  EXPECT_EQ(members(), (Rows{{"anna", "unknown", "NULL", "NULL", "NULL", "0", "f"}}));
  claim('a');
  EXPECT_EQ(members(), (Rows{{"anna", "unknown", "NULL", "NULL", "NULL", "0", "f"}}));
  EXPECT_EQ(read("SELECT known, unknown_since, known_since FROM presence.domains"),
            (Rows{{"f", "NULL", "NULL"}}));
}

TEST_F(Views, members_are_online_or_offline_while_the_view_is_whole) {
  for (const auto* id : {"anna", "ben", "carl"}) member(id);
  is_whole({"anna/phone", "ben/desk", "stranger/desk"});
  tell({available("anna/phone", Show::kAway)});
  pass("100 s");
  tell({unavailable("ben/desk")});
  pass("200 s");
  EXPECT_EQ(members(), (Rows{{"anna", "online", "away", "300 s", "0 s", "1", "f"},
                             {"ben", "offline", "NULL", "200 s", "200 s", "0", "f"},
                             {"carl", "offline", "NULL", "NULL", "NULL", "0", "f"}}));
  EXPECT_EQ(resources(), (Rows{{"anna/phone", "online", "away", "300 s", "f"}}));
  EXPECT_EQ(read("SELECT member_id, " + ago("last_seen") +
                 ", online, uncertain FROM presence.last_seen ORDER BY 1"),
            (Rows{{"anna", "0 s", "t", "f"}, {"ben", "200 s", "f", "f"}, {"carl", "NULL", "f", "f"}}));
  EXPECT_EQ(read("SELECT domain, known, unknown_since, " + ago("known_since") +
                 ", owner, epoch, last_change FROM presence.domains"),
            (Rows{{"site.test", "t", "NULL", "300 s", "gateway", "1", "5"}}));
}

TEST_F(Views, of_several_devices_the_highest_priority_speaks_then_the_most_available_then_the_latest) {
  member("anna");
  is_whole({});
  const auto speaker = [&] {
    return read("SELECT show, priority, status, resources, " + ago("online_since") +
                " FROM presence.member_now")
        .at(0);
  };
  using Fields = std::vector<std::string>;
  tell({available("anna/low", appearance(Show::kChat, -1, "low"))});
  EXPECT_EQ(speaker(), (Fields{"chat", "-1", "low", "1", "0 s"}));
  pass("100 s");
  tell({available("anna/high", appearance(Show::kDnd, 5, "high"))});
  EXPECT_EQ(speaker(), (Fields{"dnd", "5", "high", "2", "100 s"}));
  tell({available("anna/away", appearance(Show::kAway, 5, "away"))});
  EXPECT_EQ(speaker(), (Fields{"away", "5", "away", "3", "100 s"}));
  pass("100 s");
  tell({available("anna/later", appearance(Show::kAway, 5, "later"))});
  EXPECT_EQ(speaker(), (Fields{"away", "5", "later", "4", "200 s"}));
  tell({unavailable("anna/later"), unavailable("anna/away"), unavailable("anna/low")});
  EXPECT_EQ(speaker(), (Fields{"dnd", "5", "high", "1", "100 s"}));
}

TEST_F(Views, who_was_online_when_the_gateway_died_is_unknown_and_so_is_who_was_not) {
  member("anna");
  member("ben");
  is_whole({"anna/phone"});
  pass("100 s");
  gateway_is_lost();
  EXPECT_EQ(members(), (Rows{{"anna", "unknown", "NULL", "NULL", "100 s", "0", "t"},
                             {"ben", "unknown", "NULL", "NULL", "NULL", "0", "f"}}));
  EXPECT_EQ(resources(), (Rows{{"anna/phone", "unknown", "online", "100 s", "f"}}));
  EXPECT_EQ(read("SELECT known, " + ago("unknown_since") + " FROM presence.domains"), (Rows{{"f", "100 s"}}));
  EXPECT_EQ(read("SELECT " + ago("ended_at") + ", reason FROM presence.coverages"),
            (Rows{{"100 s", "gateway-lost"}}));
}

TEST_F(Views, a_lost_view_is_unknown_until_a_snapshot_names_somebody_and_whole_when_it_ends) {
  for (const auto* id : {"anna", "ben", "carl"}) member(id);
  is_whole({"anna/phone", "ben/desk"});
  pass("100 s");
  tell({view_lost("stream-lost")});
  pass("100 s");
  EXPECT_EQ(members(), (Rows{{"anna", "unknown", "NULL", "NULL", "100 s", "0", "t"},
                             {"ben", "unknown", "NULL", "NULL", "100 s", "0", "t"},
                             {"carl", "unknown", "NULL", "NULL", "NULL", "0", "f"}}));
  EXPECT_EQ(read("SELECT known, " + ago("unknown_since") + " FROM presence.domains"), (Rows{{"f", "100 s"}}));

  tell({snapshot_began(), available("anna/phone")});
  EXPECT_EQ(members(), (Rows{{"anna", "online", "online", "200 s", "0 s", "1", "t"},
                             {"ben", "unknown", "NULL", "NULL", "100 s", "0", "t"},
                             {"carl", "unknown", "NULL", "NULL", "NULL", "0", "f"}}));
  EXPECT_EQ(resources(), (Rows{{"anna/phone", "online", "online", "200 s", "t"},
                               {"ben/desk", "unknown", "online", "200 s", "f"}}));

  tell({snapshot_ended()});
  const Rows whole{{"anna", "online", "online", "200 s", "0 s", "1", "t"},
                   {"ben", "offline", "NULL", "100 s", "100 s", "0", "t"},
                   {"carl", "offline", "NULL", "NULL", "NULL", "0", "f"}};
  EXPECT_EQ(members(), whole) << "whether the service has closed them or not";
  EXPECT_EQ(resources().size(), 1U);
  EXPECT_EQ(sweep(), 1U);
  EXPECT_EQ(members(), whole);
}

TEST_F(Views, groups_and_domains_are_counted) {
  group("one");
  group("two");
  group("empty");
  member("anna", {"one", "two"});
  member("ben", {"one"});
  member("carl", {"two"});
  member("dora");
  remove_member("dora");
  is_whole({"anna/phone", "anna/desk", "ben/desk", "dora/desk", "stranger/desk"});
  const std::string groups =
      "SELECT group_id, members, online, offline, unknown FROM presence.group_now ORDER BY group_id";
  const std::string counts =
      "SELECT domain, members, online, offline, unknown, resources FROM presence.counts";
  EXPECT_EQ(read(groups),
            (Rows{{"empty", "0", "0", "0", "0"}, {"one", "2", "2", "0", "0"}, {"two", "2", "1", "1", "0"}}));
  EXPECT_EQ(read(counts), (Rows{{"site.test", "3", "2", "1", "0", "3"}}));
  gateway_is_lost();
  EXPECT_EQ(read(groups),
            (Rows{{"empty", "0", "0", "0", "0"}, {"one", "2", "0", "0", "2"}, {"two", "2", "0", "0", "2"}}));
  EXPECT_EQ(read(counts), (Rows{{"site.test", "3", "0", "0", "3", "0"}}));
}

// --- then

TEST_F(Views, online_at_says_who_was_there_and_unknown_where_nobody_could_know) {
  for (const auto* id : {"anna", "ben", "carl", "dora"}) member(id);
  is_whole({"anna/phone", "ben/desk"});  // 600 s ago
  pass("100 s");
  tell({unavailable("ben/desk"), available("carl/desk"), available("dora/desk")});  // 500 s ago
  pass("100 s");
  tell({view_lost()});  // 400 s ago
  pass("100 s");
  tell({snapshot_began(), available("anna/phone"), available("ben/desk"), snapshot_ended()});  // 300 s ago
  pass("100 s");
  tell({unavailable("anna/phone", Ending::kDropped), available("carl/desk")});  // 200 s ago
  pass("200 s");
  const auto check = [&] {
    EXPECT_EQ(were(650), "anna unknown, ben unknown, carl unknown, dora unknown") << "before anybody looked";
    EXPECT_EQ(were(550), "anna online, ben online, carl offline, dora offline");
    EXPECT_EQ(were(450), "anna online, ben offline, carl online, dora online");
    EXPECT_EQ(were(350), "anna unknown, ben unknown, carl unknown, dora unknown") << "the view was lost";
    EXPECT_EQ(were(250), "anna online, ben online, carl offline, dora offline");
    EXPECT_EQ(were(100), "anna offline, ben online, carl online, dora offline");
    EXPECT_EQ(were(0), "anna offline, ben online, carl online, dora offline");
    EXPECT_EQ(were(-100), "anna unknown, ben unknown, carl unknown, dora unknown") << "the future";
  };
  check();
  EXPECT_EQ(sweep(), 1U) << "dora; carl's old session was closed when he came back";
  check();
}

TEST_F(Views, online_at_knows_nothing_after_the_gateway_was_last_heard) {
  member("anna");
  is_whole({"anna/phone"});
  pass("100 s");
  claim('a');
  pass("100 s");
  gateway_is_lost();
  EXPECT_EQ(were(150), "anna online");
  EXPECT_EQ(were(50), "anna unknown");
  claim('b');
  pass("100 s");
  EXPECT_EQ(were(250), "anna online") << "also when another owns the domain";
  EXPECT_EQ(were(150), "anna unknown");
  tell({snapshot_began(), snapshot_ended()});
  pass("100 s");
  EXPECT_EQ(were(350), "anna online");
  EXPECT_EQ(were(50), "anna offline");
}

TEST_F(Views, a_session_unseen_in_an_earlier_gap_is_over_in_every_later_coverage) {
  member("anna");
  is_whole({"anna/phone"});
  pass("100 s");
  tell({view_lost()});
  pass("100 s");
  tell({snapshot_began(), snapshot_ended()});
  pass("100 s");
  tell({view_lost()});  // and nobody has closed it yet
  EXPECT_EQ(were(250), "anna online");
  EXPECT_EQ(were(50), "anna offline");
  EXPECT_EQ(read("SELECT state, " + ago("last_seen") + " FROM presence.member_now"),
            (Rows{{"unknown", "200 s"}}));
}

TEST_F(Views, transitions_are_read_on_from_the_last_one_that_was_seen) {
  member("anna");
  is_whole({"anna/phone"});
  tell({available("anna/phone", appearance(Show::kAway, 3, "lunch"))});
  const auto cursor = value("SELECT last_change FROM presence.domains");
  tell({unavailable("anna/phone", Ending::kDropped)});
  EXPECT_EQ(read("SELECT member_id, change, resource, state, show, priority, status, ending, uncertain FROM "
                 "presence.transitions ORDER BY change"),
            (Rows{{"anna", "1", "phone", "online", "online", "0", "", "NULL", "f"},
                  {"anna", "2", "phone", "online", "away", "3", "lunch", "NULL", "f"},
                  {"anna", "3", "phone", "offline", "NULL", "NULL", "", "dropped", "f"}}));
  EXPECT_EQ(read("SELECT change FROM presence.transitions WHERE change > " + cursor), (Rows{{"3"}}));
}

TEST_F(Views, sessions_are_those_that_ended_and_those_that_go_on) {
  member("anna");
  is_whole({"anna/phone", "anna/desk"});
  pass("100 s");
  tell({unavailable("anna/phone")});
  pass("100 s");
  EXPECT_EQ(read("SELECT resource, " + ago("began_at") + ", " + ago("ended_at") +
                 ", ending, uncertain FROM presence.sessions ORDER BY resource"),
            (Rows{{"desk", "200 s", "NULL", "NULL", "f"}, {"phone", "200 s", "100 s", "left", "f"}}));
}

TEST_F(Views, a_member_does_not_inherit_what_was_seen_of_the_one_who_had_the_jid_before) {
  const auto heirs = [&](const std::string& view) {
    return value("SELECT count(*) FROM presence." + view + " WHERE member_id = 'heir'");
  };
  const auto nothing_is_inherited = [&] {
    for (const auto* view : {"transitions", "sessions", "resource_now"}) EXPECT_EQ(heirs(view), "0") << view;
    EXPECT_EQ(read("SELECT last_seen, since, online_since, resources, uncertain FROM presence.member_now"),
              (Rows{{"NULL", "NULL", "NULL", "0", "f"}}));
    EXPECT_EQ(were(250), "heir offline") << "nobody of that name was";
  };
  member("anna");
  account("anna", "anna");
  is_whole({"anna/phone", "anna/desk"});
  pass("100 s");
  tell({unavailable("anna/phone")});
  EXPECT_EQ(value("SELECT count(*) FROM presence.transitions"), "3");
  pass("100 s");
  tell({view_lost()});  // and anna/desk stays in the table
  remove_member("anna");
  heir("heir", "anna");
  pass("100 s");
  nothing_is_inherited();
  account("heir", "anna", false);
  nothing_is_inherited();
  account("heir", "anna");
  nothing_is_inherited();

  tell({snapshot_began(), snapshot_ended()});
  nothing_is_inherited();
  sweep();
  pass("30 s");
  tell({available("anna/phone", Show::kAway)});
  pass("10 s");
  tell({unavailable("anna/phone")});
  EXPECT_EQ(heirs("transitions"), "2");
  EXPECT_EQ(heirs("sessions"), "1");
  EXPECT_EQ(value("SELECT " + ago("last_seen") + " FROM presence.member_now"), "0 s");
  EXPECT_EQ(were(5), "heir online");
}

TEST_F(Views, a_new_member_may_be_seen_before_the_server_has_told_that_the_account_exists) {
  member("anna");
  account("anna", "anna", false);
  is_whole({});
  tell({available("anna/phone")});
  EXPECT_EQ(value("SELECT state FROM presence.member_now"), "online");
  pass("10 s");
  account("anna", "anna");
  const auto all = [&] {
    return read("SELECT resource, state, " + ago("at") + " FROM presence.transitions ORDER BY change");
  };
  EXPECT_EQ(all(), (Rows{{"phone", "online", "10 s"}}));
  EXPECT_EQ(value("SELECT " + ago("online_since") + " FROM presence.member_now"), "10 s");
  pass("10 s");
  tell({unavailable("anna/phone")});
  EXPECT_EQ(all(), (Rows{{"phone", "online", "20 s"}, {"phone", "offline", "0 s"}}));
  EXPECT_EQ(read("SELECT " + ago("began_at") + ", " + ago("ended_at") + " FROM presence.sessions"),
            (Rows{{"20 s", "0 s"}}));
}

TEST_F(Views, a_removed_member_is_in_none_of_them) {
  group("one");
  member("anna", {"one"});
  is_whole({"anna/phone", "anna/desk"});
  tell({unavailable("anna/phone")});
  for (const bool present : {true, false}) {
    if (!present) {
      database->run("DELETE FROM directory.member_group");
      remove_member("anna");
    }
    for (const auto* view :
         {"member_now", "resource_now", "last_seen", "transitions", "sessions", "online_at(now())"})
      EXPECT_EQ(value(std::string("SELECT count(*) > 0 FROM presence.") + view), present ? "t" : "f") << view;
    EXPECT_EQ(value("SELECT sum(members) > 0 FROM presence.group_now"), present ? "t" : "f");
    EXPECT_EQ(value("SELECT coalesce(sum(members), 0) > 0 FROM presence.counts"), present ? "t" : "f");
  }
}

}  // namespace
}  // namespace rostrum::presence
