// SPDX-License-Identifier: GPL-3.0-or-later
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "clients/cli/check/finding.hpp"
#include "clients/cli/output.hpp"
#include "clients/cli/width.hpp"
#include "tests/contract/clients/presence_tables.hpp"
#include "tests/unit/clients/cli/call.hpp"

namespace rostrum::cli {
namespace {

/// `rostrum` on a database in which a site of four members is watched.
class CliPresence : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!test::has_database()) GTEST_SKIP() << "needs deploy/lab/with_lab.py --postgres";
    database_.emplace();
    tables_.emplace(*database_);
    for (const auto* editor : {"anna", "ben"}) tables_->add_member(editor, "editors");
    for (const auto* other : {"cleo", "dora"}) tables_->add_member(other);
  }
  [[nodiscard]] Called rostrum(const std::vector<std::string>& words) const {
    return call(words, {}, {{"ROSTRUM_CLI_DATABASE", database_->conninfo("rostrum_reader")}});
  }
  [[nodiscard]] std::string shown(const std::vector<std::string>& words) const {
    const auto called = rostrum(words);
    EXPECT_EQ(called.exit_code, 0) << called.err;
    return called.out;
  }
  [[nodiscard]] Json json(std::vector<std::string> words) const {
    words.insert(words.begin(), "--json");
    return Json::parse(shown(words));
  }
  /// "online 2, offline 2, unknown 0: anna ben"
  [[nodiscard]] static std::string summary(const Json& who) {
    std::string text = "online " + who.at("online").dump() + ", offline " + who.at("offline").dump() +
                       ", unknown " + who.at("unknown").dump() + ":";
    for (const auto& member : who.at("members")) text += " " + member.at("member_id").get<std::string>();
    return text;
  }
  static void expect_contains(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }
  static void expect_lacks(const std::string& text, const std::string& part) {
    EXPECT_EQ(text.find(part), std::string::npos) << text;
  }
  std::optional<test::Database> database_;
  std::optional<test::PresenceTables> tables_;
};

TEST_F(CliPresence, shows_who_is_online_with_the_device_that_speaks_for_each) {
  tables_->see_all("now() - interval '1 hour'");
  tables_->is(
      {.member = "anna", .resource = "phone", .show = "away", .status = "in a meeting", .priority = 5});
  tables_->is({.member = "anna", .resource = "desk"});
  tables_->is({.member = "cleo", .show = "dnd"});
  const auto who = json({"who"});
  EXPECT_EQ(summary(who), "online 2, offline 2, unknown 0: anna cleo");
  EXPECT_EQ(who["members"][0]["show"], "away");
  EXPECT_EQ(who["members"][0]["resources"], 2);
  EXPECT_EQ(who["members"][0]["jid"], "anna@site.test");
  EXPECT_EQ(who["domains"][0]["known"], true);
  const auto table = shown({"who"});
  expect_contains(table, "in a meeting");
  expect_contains(table, "site.test: known since ");
  expect_contains(table, "told by gateway-1, epoch 1\n");
  expect_contains(table, "2 online, 2 offline, 0 unknown\n");
}

TEST_F(CliPresence, shows_a_group_or_a_state_alone) {
  tables_->see_all("now() - interval '1 hour'");
  tables_->is({.member = "anna"});
  tables_->is({.member = "cleo"});
  EXPECT_EQ(summary(json({"who", "--group", "editors"})), "online 1, offline 1, unknown 0: anna");
  EXPECT_EQ(summary(json({"who", "--group", "editors", "--state", "offline"})),
            "online 1, offline 1, unknown 0: ben");
  EXPECT_EQ(summary(json({"who", "--state", "all"})), "online 2, offline 2, unknown 0: anna ben cleo dora");
  EXPECT_EQ(summary(json({"who", "--limit", "1"})), "online 2, offline 2, unknown 0: anna");
  expect_contains(rostrum({"who", "--limit", "1"}).err, "only the first 1 are shown");
  for (const auto* all : {"online", "offline", "all"})
    expect_lacks(rostrum({"who", "--state", all, "--limit", std::string(all) == "all" ? "4" : "2"}).err,
                 "shown");
  expect_contains(rostrum({"who", "--state", "all", "--limit", "3"}).err, "only the first 3 are shown");
  const auto nobody = rostrum({"who", "--group", "nobody"});
  EXPECT_EQ(nobody.exit_code, 1);
  expect_contains(nobody.err, "rostrum group list");
}

TEST_F(CliPresence, never_shows_unknown_as_offline) {
  tables_->see_all("now() - interval '1 hour'");
  tables_->is({.member = "anna", .since = "now() - interval '10 minutes'"});
  tables_->fall_silent("now() - interval '1 minute'");
  EXPECT_EQ(summary(json({"who", "--state", "all"})), "online 0, offline 0, unknown 4: anna ben cleo dora");
  const auto silent = shown({"who"});
  expect_contains(silent, "site.test: UNKNOWN since ");
  expect_contains(silent, "nothing is heard from gateway-1\n    start a gateway");
  expect_contains(silent, "0 online, 0 offline, 4 unknown\n");
  expect_contains(shown({"who", "--state", "all"}), "anna    unknown");

  tables_->see_all("now()");
  tables_->lose_sight("now()", "stream-lost");
  EXPECT_EQ(summary(json({"who"})), "online 0, offline 0, unknown 4:");
  expect_contains(shown({"who"}), "(stream-lost), gateway-1 has not seen everybody anew yet");
}

TEST_F(CliPresence, says_so_where_no_gateway_has_ever_told_anything) {
  expect_contains(shown({"who"}),
                  "site.test: UNKNOWN, no gateway has ever told who is online\n    start rostrum-presence");
  EXPECT_EQ(summary(json({"who"})), "online 0, offline 0, unknown 4:");
  const test::Database empty;
  const auto called = call({"who"}, {}, {{"ROSTRUM_CLI_DATABASE", empty.conninfo("rostrum_reader")}});
  EXPECT_EQ(called.exit_code, 0) << called.err;
  expect_contains(called.out, "there are no members");
}

TEST_F(CliPresence, marks_what_is_a_guess) {
  tables_->see_all("now() - interval '1 hour'");
  tables_->is({.member = "anna", .since = "now() - interval '10 minutes'", .uncertain = true});
  const auto table = shown({"who"});
  expect_contains(table, "  ~20");
  expect_contains(table, "\n~ at about: our view was lost");
}

TEST_F(CliPresence, names_the_site_where_ids_of_two_could_be_confused) {
  database_->run(
      "INSERT INTO directory.member (source, member_id, jid, revision, present) VALUES ('forum', 'anna', "
      "'anna2@site.test', 1, true)");
  tables_->see_all("now() - interval '1 hour'");
  tables_->is({.member = "anna"});
  expect_lacks(shown({"who"}), "SITE");
  tables_->is({.member = "anna2"});
  const auto table = shown({"who"});
  expect_contains(table, "SITE");
  expect_contains(table, "forum");
  EXPECT_EQ(json({"timeline", "anna"}).size(), 2U);
}

TEST_F(CliPresence, shows_hostile_texts_without_harm_within_a_hundred_columns) {
  std::string wide;
  for (int i = 0; i < 150; ++i) wide += "会";
  std::string accents = "e";
  for (int i = 0; i < 400; ++i) accents += "\u0301";
  tables_->see_all("now() - interval '1 hour'");
  tables_->add_member(std::string(200, 'm'));
  tables_->is(
      {.member = "anna", .resource = "a\x1b[2J\u202e", .status = "\x1b]0;owned\x07\n\u009b2J\u2066" + wide});
  tables_->is({.member = "ben", .resource = std::string(900, 'r'), .status = accents});
  tables_->is({.member = std::string(200, 'm'), .resource = wide, .status = wide});
  tables_->goes("ben", std::string(900, 'r'));
  for (const auto& words : std::vector<std::vector<std::string>>{{"who"},
                                                                 {"who", "--state", "all"},
                                                                 {"who", "--at", "1s"},
                                                                 {"timeline", "anna"},
                                                                 {"timeline", "ben"},
                                                                 {"timeline", std::string(200, 'm')},
                                                                 {"member", "list"}}) {
    std::istringstream lines(shown(words));
    for (std::string line; std::getline(lines, line);) {
      for (const char byte : line) ASSERT_GE(static_cast<unsigned char>(byte), 0x20) << words.front();
      for (const auto* control : {"\u202e", "\u2066", "\u009b"})
        ASSERT_EQ(line.find(control), std::string::npos);
      const bool is_table = line.find("  ") != std::string::npos;
      if (is_table) ASSERT_LE(width_of(line), 100U) << line;
    }
  }
  const auto answer = rostrum({"--json", "who"}).out;
  EXPECT_EQ(answer.find('\x1b'), std::string::npos);
  EXPECT_EQ(answer.find("\u202e"), std::string::npos);
  EXPECT_EQ(Json::parse(answer)["members"][0]["status"], "\x1b]0;owned\x07\n\u009b2J\u2066" + wide);
}

TEST_F(CliPresence, shows_who_was_online_at_a_moment) {
  tables_->see_all("now() - interval '3 hours'");
  tables_->is({.member = "anna", .since = "now() - interval '2 hours'"});
  tables_->is({.member = "ben", .since = "now() - interval '2 hours'"});
  tables_->goes("ben", "phone", "left", "now() - interval '90 minutes'");
  tables_->lose_sight("now() - interval '60 minutes'", "stream-lost");
  tables_->see_all("now() - interval '50 minutes'");
  EXPECT_EQ(summary(json({"who", "--at", "100m"})), "online 2, offline 2, unknown 0: anna ben");
  EXPECT_EQ(summary(json({"who", "--at", "80m"})), "online 1, offline 3, unknown 0: anna");
  EXPECT_EQ(summary(json({"who", "--at", "55m", "--state", "all"})),
            "online 0, offline 0, unknown 4: anna ben cleo dora");
  EXPECT_EQ(summary(json({"who", "--at", "4h"})), "online 0, offline 0, unknown 4:");
  EXPECT_EQ(summary(json({"who", "--at", "80m", "--group", "editors"})),
            "online 1, offline 1, unknown 0: anna");
  expect_contains(shown({"who", "--at", "80m"}), "site.test: known then, our view was whole from ");
  expect_contains(shown({"who", "--at", "55m"}), "UNKNOWN then, our view was lost at ");
  expect_contains(shown({"who", "--at", "55m"}), "(stream-lost) and whole again at ");
  expect_contains(shown({"who", "--at", "4h"}), "UNKNOWN then, the history that is kept begins at ");
  const auto future = rostrum({"who", "--at", "2099-01-01"});
  EXPECT_EQ(future.exit_code, 2);
  expect_contains(future.err, "still to come");
}

TEST_F(CliPresence, tells_a_members_course_with_the_gaps_in_our_view) {
  tables_->see_all("now() - interval '3 hours'");
  tables_->is({.member = "anna", .since = "now() - interval '120 minutes'"});
  tables_->is({.member = "anna", .show = "away", .status = "tea", .since = "now() - interval '110 minutes'"});
  tables_->is({.member = "anna", .resource = "desk", .since = "now() - interval '110 minutes'"});
  tables_->goes("anna", "desk", "dropped", "now() - interval '100 minutes'");
  tables_->goes("anna", "phone", "left", "now() - interval '90 minutes'");
  tables_->lose_sight("now() - interval '60 minutes'", "stream-lost");
  tables_->see_all("now() - interval '50 minutes'");
  tables_->is({.member = "anna", .since = "now() - interval '50 minutes'", .uncertain = true});
  const auto course = json({"timeline", "anna"})[0];
  std::string told;
  for (const auto& entry : course["entries"]) {
    told += entry["kind"] == "change"
                ? " " + entry["resource"].get<std::string>() + ":" +
                      (entry["show"].is_null() ? entry["ending"] : entry["show"]).get<std::string>()
                : " " + entry["kind"].get<std::string>();
  }
  EXPECT_EQ(told,
            " view_whole phone:online phone:away desk:online desk:dropped phone:left view_lost view_whole "
            "phone:online");
  EXPECT_NEAR(course["online_seconds"].get<double>(), 80 * 60,
              10);  // 30 minutes, with two devices at once, and 50
  EXPECT_NEAR(course["certain_seconds"].get<double>(), 30 * 60, 10);
  const auto text = shown({"timeline", "anna"});
  expect_contains(text, "anna (anna@site.test): online since ~20");
  expect_contains(text, "changed        away    tea");
  expect_contains(text, "connection lost, after 10m\n");
  expect_contains(text, "left           -       after 30m\n");
  expect_contains(text, "view lost      -       stream-lost\n");
  expect_contains(text, "view regained  -       after 10m\n");
  expect_contains(text, "online for 1h 20m, 50m of it uncertain (~)\n");
}

TEST_F(CliPresence, tells_only_the_time_that_was_asked_for) {
  tables_->see_all("now() - interval '3 hours'");
  tables_->is({.member = "anna", .since = "now() - interval '120 minutes'"});
  tables_->is({.member = "anna", .show = "away", .since = "now() - interval '60 minutes'"});
  const auto last = json({"timeline", "anna", "--since", "90m", "--until", "30m"})[0];
  ASSERT_EQ(last["entries"].size(), 1U);
  EXPECT_EQ(last["entries"][0]["before"], "online");  // it had come earlier
  EXPECT_NEAR(last["online_seconds"].get<double>(), 60 * 60, 10);
  EXPECT_EQ(json({"timeline", "anna", "--limit", "1"})[0]["entries"].back()["show"], "away");
  expect_contains(rostrum({"timeline", "anna", "--limit", "1"}).err, "only the last 1 changes are shown");
  expect_lacks(rostrum({"timeline", "anna", "--limit", "2"}).err, "shown");
  EXPECT_EQ(rostrum({"timeline", "anna", "--since", "30m", "--until", "90m"}).exit_code, 2);
  EXPECT_EQ(rostrum({"timeline", "nobody"}).exit_code, 1);
}

TEST_F(CliPresence, counts_no_time_online_beyond_what_was_seen) {
  tables_->see_all("now() - interval '3 hours'");
  tables_->is({.member = "anna", .since = "now() - interval '120 minutes'"});
  tables_->fall_silent("now() - interval '60 minutes'");
  const auto course = json({"timeline", "anna"})[0];
  EXPECT_EQ(course["state"], "unknown");
  EXPECT_NEAR(course["online_seconds"].get<double>(), 60 * 60, 10);
  expect_contains(shown({"timeline", "anna"}), "view lost   -       gateway-lost\n");
}

TEST_F(CliPresence, tells_one_loss_where_the_view_was_whole_for_no_time) {
  tables_->see_all("now() - interval '3 hours'");
  tables_->lose_sight("now() - interval '2 hours'", "stream-lost");
  tables_->see_all("now() - interval '60 minutes'");
  tables_->lose_sight("(SELECT began_at FROM presence.coverage WHERE ended_at IS NULL)", "gateway-lost");
  tables_->see_all("now() - interval '30 minutes'");
  const auto text = shown({"timeline", "anna"});
  expect_contains(text, "stream-lost\n");
  expect_contains(text, "after 1h 30m\n");
  expect_lacks(text, "gateway-lost");
  const auto later = shown({"timeline", "anna", "--since", "45m"});
  expect_contains(later, "stream-lost\n");
  expect_contains(later, "after 1h 30m\n");
}

TEST_F(CliPresence, names_a_member_within_a_hundred_columns_however_long_the_ids) {
  const std::string id(200, 'i');
  tables_->see_all("now() - interval '3 hours'");
  database_->run(
      "INSERT INTO directory.member (source, member_id, jid, revision, present) VALUES ('site', '" + id +
      "', '" + std::string(200, 'j') + "@site.test', 1, true)");
  for (const bool known : {true, false}) {
    if (!known) tables_->fall_silent("now() - interval '1 minute'");
    const auto text = shown({"timeline", id});
    const auto heading = text.substr(0, text.find('\n'));
    EXPECT_LE(width_of(heading), 100U) << heading;
    expect_contains(heading, "i… (jj");
    expect_contains(heading, known ? "j…): offline, never seen" : "j…): unknown (`rostrum who` tells why)");
  }
}

TEST_F(CliPresence, is_not_asked_for_a_moment_it_does_not_know) {
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"who", "--at", "0000-01-01"},
                                             {"who", "--at", "1969-12-31"},
                                             {"timeline", "anna", "--since", "0000-01-01"},
                                             {"timeline", "anna", "--until", "9999-12-31 23:59-01:00"}}) {
    const auto refused = rostrum(words);
    EXPECT_EQ(refused.exit_code, 2);
    expect_contains(refused.err, "before 1970, or after the year 9999: ");
  }
}

TEST_F(CliPresence, and_check_says_whether_it_is_known) {
  Settings settings;
  settings.database = database_->conninfo("rostrum_reader");
  const auto finding = [&settings] { return check::look_at_presence(settings).front(); };
  EXPECT_FALSE(finding().good);
  tables_->see_all("now() - interval '1 hour'");
  EXPECT_TRUE(finding().good) << finding().detail;
  EXPECT_EQ(finding().name, "presence of site.test");
  tables_->fall_silent("now() - interval '1 minute'");
  EXPECT_FALSE(finding().good);
  expect_contains(finding().remedy, "start a gateway");
}

TEST_F(CliPresence, and_names_the_command_that_an_older_database_needs) {
  const test::Database empty(false);
  const auto called = call({"who"}, {}, {{"ROSTRUM_CLI_DATABASE", empty.conninfo("rostrum_owner")}});
  EXPECT_EQ(called.exit_code, 1);
  expect_contains(called.err, "rostrum migrate");
}

}  // namespace
}  // namespace rostrum::cli
