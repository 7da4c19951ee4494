// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "clients/cli/check/finding.hpp"
#include "clients/cli/output.hpp"
#include "tests/support/database/database.hpp"
#include "tests/unit/clients/cli/call.hpp"

namespace rostrum::cli {
namespace {

constexpr const char* kNotice = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";

/// `rostrum` on a database of the test's own.
class CliReads : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!test::has_database()) GTEST_SKIP() << "needs deploy/lab/with_lab.py --postgres";
    database_ = std::make_unique<test::Database>();
  }
  [[nodiscard]] Called rostrum(const std::vector<std::string>& words) const {
    return call(words, {},
                {{"ROSTRUM_CLI_DATABASE", database_->conninfo("rostrum_reader")},
                 {"ROSTRUM_CLI_OWNER_DATABASE", database_->conninfo("rostrum_owner")}});
  }
  [[nodiscard]] Json json(std::vector<std::string> words) const {
    words.insert(words.begin(), "--json");
    const auto called = rostrum(words);
    EXPECT_EQ(called.exit_code, 0) << called.err;
    return Json::parse(called.out);
  }
  void add_anna() const {
    database_->run(
        "INSERT INTO directory.member (source, member_id, jid, display_name, revision, present) "
        "VALUES ('site', 'anna', 'anna@site.test', E'Anna\\x1b[2J', 7, true);"
        "INSERT INTO directory.member_group VALUES ('site', 'editors', 'anna');"
        "INSERT INTO directory.site_group (source, group_id, title, revision, present) VALUES ('site', "
        "'editors', 'The editors', 1, true);"
        "INSERT INTO registration.account (jid, source, member_id, goal, state, claim) "
        "VALUES ('anna@site.test', 'site', 'anna', 'present', 'active', gen_random_uuid())");
  }
  void add_notice() const {
    database_->run(
        std::string("INSERT INTO notification.notice (id, source, kind, audience, audience_ids, title, body, "
                    "expires_at, state) "
                    "VALUES ('") +
        kNotice +
        "', 'site', 'alert', 'members', '{anna,ghost}', 'Tea', 'At four.', now() + interval '1 day', 'done');"
        "INSERT INTO notification.delivery (notice_id, member_id, source, kind, jid, state, reason) VALUES "
        "('" +
        kNotice + "', 'anna', 'site', 'alert', 'anna@site.test', 'sent', NULL), ('" + kNotice +
        "', 'ghost', 'site', 'alert', NULL, 'failed', 'unknown-member')");
  }
  std::unique_ptr<test::Database> database_;
};

TEST_F(CliReads, members_with_their_groups_and_states) {
  add_anna();
  const auto members = json({"member", "list"});
  ASSERT_EQ(members.size(), 1U);
  EXPECT_EQ(members[0]["groups"], Json::array({"editors"}));
  EXPECT_EQ(members[0]["account_state"], "active");
  EXPECT_EQ(json({"member", "list", "--group", "editors", "--state", "active"}).size(), 1U);
  EXPECT_EQ(json({"member", "list", "--group", "printers"}).size(), 0U);
  EXPECT_EQ(json({"member", "list", "--state", "dead"}).size(), 0U);
  EXPECT_EQ(json({"member", "show", "anna"})["revision"], 7);
}

TEST_F(CliReads, hostile_names_without_harm_to_the_terminal) {
  add_anna();
  for (const auto* command : {"list", "show"}) {
    auto words = std::vector<std::string>{"member", command};
    if (words[1] == "show") words.emplace_back("anna");
    const auto called = rostrum(words);
    EXPECT_EQ(called.exit_code, 0) << called.err;
    EXPECT_EQ(called.out.find('\x1b'), std::string::npos) << command;
    EXPECT_NE(called.out.find("Anna?[2J"), std::string::npos) << called.out;
  }
}

TEST_F(CliReads, groups_with_their_number_of_members) {
  add_anna();
  EXPECT_EQ(json({"group", "show", "editors"})["member_count"], 1);
  EXPECT_EQ(json({"group", "list"}).size(), 1U);
}

TEST_F(CliReads, and_speaks_of_more_rows_only_where_there_are_more) {
  add_anna();
  database_->run(
      "INSERT INTO directory.site_group (source, group_id, title, revision, present) VALUES ('site', "
      "'printers', "
      "'Printers', 1, true)");
  EXPECT_EQ(rostrum({"member", "list", "--limit", "1"}).err, "");
  EXPECT_EQ(rostrum({"group", "list", "--limit", "2"}).err, "");
  EXPECT_EQ(rostrum({"group", "list", "--limit", "1"}).err,
            "only the first 1 are shown; --limit shows more\n");
  EXPECT_EQ(json({"group", "list", "--limit", "1"}).size(), 1U);
}

TEST_F(CliReads, notices_with_their_counters_and_why_deliveries_failed) {
  add_notice();
  EXPECT_EQ(json({"notice", "list"})[0]["failed"], 1);
  const auto notice = json({"notice", "show", kNotice});
  EXPECT_EQ(notice["total"], 2);
  EXPECT_EQ(notice["dead_letters"][0]["reason"], "unknown-member");
  EXPECT_FALSE(notice.contains("text"));
  EXPECT_EQ(json({"notice", "show", kNotice, "--text"})["text"], "At four.");
  EXPECT_NE(rostrum({"notice", "show", kNotice}).out.find("failed: 1 \u00d7 unknown-member"),
            std::string::npos);
  EXPECT_NE(rostrum({"notice", "list"}).out.find(kNotice), std::string::npos);
}

TEST_F(CliReads, and_says_so_when_there_is_no_such_thing) {
  EXPECT_EQ(rostrum({"member", "show", "nobody"}).exit_code, 1);
  EXPECT_EQ(rostrum({"group", "show", "nobody"}).exit_code, 1);
  EXPECT_EQ(rostrum({"notice", "show", kNotice}).exit_code, 1);
  EXPECT_EQ(rostrum({"member", "show", "'; DROP TABLE directory.member; --"}).exit_code, 1);
}

TEST_F(CliReads, and_migrates_as_the_owner_alone) {
  EXPECT_EQ(rostrum({"migrate"}).out.rfind("the schema is up to date", 0), 0U);
  const test::Database empty(false);
  const Session::Environment owner{{"ROSTRUM_CLI_OWNER_DATABASE", empty.conninfo("rostrum_owner")}};
  const auto dry = call({"migrate", "--dry-run"}, {}, owner);
  EXPECT_EQ(dry.exit_code, 0) << dry.err;
  EXPECT_EQ(dry.out.rfind("would apply roles 1", 0), 0U) << dry.out;
  const auto applied = call({"--json", "migrate"}, {}, owner);
  EXPECT_EQ(applied.exit_code, 0) << applied.err;
  for (const auto& step : Json::parse(applied.out)) EXPECT_TRUE(step["applied_now"]) << step;
}

TEST_F(CliReads, and_check_finds_a_good_database_good) {
  Settings settings;
  settings.database = database_->conninfo("rostrum_reader");
  for (const auto& finding : check::look_at_database(settings))
    EXPECT_TRUE(finding.good) << finding.name << ": " << finding.detail;
}

TEST_F(CliReads, and_check_says_what_is_wrong_with_a_database) {
  const auto complaint = [](const std::string& conninfo) {
    Settings settings;
    settings.database = conninfo;
    for (const auto& finding : check::look_at_database(settings)) {
      if (!finding.good) return finding;
    }
    return check::good("", "");
  };
  EXPECT_EQ(complaint(database_->conninfo("rostrum_owner")).remedy, "use rostrum_reader in [cli] database");
  const test::Database empty(false);
  EXPECT_EQ(complaint(empty.conninfo("rostrum_owner")).remedy, "rostrum migrate");
  EXPECT_EQ(complaint("host=/nowhere dbname=rostrum user=rostrum_reader").name, "database");
}

}  // namespace
}  // namespace rostrum::cli
