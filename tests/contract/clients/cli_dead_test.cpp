// SPDX-License-Identifier: GPL-3.0-or-later
// `rostrum dead` on a database of the test's own.
#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "clients/cli/output.hpp"
#include "tests/support/database/database.hpp"
#include "tests/unit/clients/cli/call.hpp"

namespace rostrum::cli {
namespace {

constexpr const char* kNotice = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
constexpr const char* kOldNotice = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c";

class CliDead : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!test::has_database()) GTEST_SKIP() << "needs deploy/lab/with_lab.py --postgres";
    database_ = std::make_unique<test::Database>();
  }
  [[nodiscard]] Called rostrum(std::vector<std::string> words) const {
    words.insert(words.begin(), "dead");
    return call(words, {},
                {{"ROSTRUM_CLI_DATABASE", database_->conninfo("rostrum_reader")},
                 {"ROSTRUM_CLI_OPERATOR_DATABASE", database_->conninfo("rostrum_operator")}});
  }
  [[nodiscard]] Json json(std::vector<std::string> words) const {
    words.emplace_back("--json");
    const auto called = rostrum(words);
    EXPECT_EQ(called.err, "");
    return Json::parse(called.out);
  }
  [[nodiscard]] std::string state_of(const std::string& member) const {
    return database_->value("SELECT state FROM registration.account WHERE member_id = '" + member + "'");
  }
  [[nodiscard]] std::string id_of(const std::string& member) const {
    return database_->value("SELECT id FROM registration.dead_letters WHERE member_id = '" + member + "'");
  }

  void add_dead_account(const std::string& member, const std::string& reason,
                        bool has_password = true) const {
    const std::string jid = member + "@site.test";
    database_->run(
        "INSERT INTO directory.member (source, member_id, jid, revision, present) VALUES ('site', '" +
        member + "', '" + jid +
        "', 1, true);"
        "INSERT INTO registration.account (jid, source, member_id, goal, state, claim, attempts, "
        "sealed_password, "
        "origin_source, origin_event) VALUES ('" +
        jid + "', 'site', '" + member + "', 'present', 'dead', gen_random_uuid(), 3, " +
        (has_password ? "'sealed secret'" : "NULL") + ", 'site', '" + kNotice +
        "');"
        "INSERT INTO registration.dead_letter (jid, action, reason, detail) VALUES ('" +
        jid + "', 'create_account', '" + reason + "', E'words\\x1b[2J')");
  }
  void add_dead_delivery(const std::string& notice, const std::string& member,
                         const std::string& expires) const {
    database_->run(
        "INSERT INTO notification.notice (id, source, kind, audience, audience_ids, title, body, expires_at, "
        "state) "
        "VALUES ('" +
        notice + "', 'site', 'alert', 'members', '{}', 'Tea', 'At four.', now() + interval '" + expires +
        "', 'done') ON CONFLICT DO NOTHING;"
        "INSERT INTO notification.delivery (notice_id, member_id, source, kind, jid, state, reason, "
        "ended_at) VALUES ('" +
        notice + "', '" + member + "', 'site', 'alert', '" + member +
        "@site.test', 'failed', 'too-large', now())");
  }
  std::unique_ptr<test::Database> database_;
};

TEST_F(CliDead, lists_counts_first_and_fits_a_terminal) {
  add_dead_account("anna", "conflict");
  add_dead_account("berta", "conflict");
  add_dead_delivery(kNotice, "carla", "1 day");
  const auto called = rostrum({"list"});
  EXPECT_EQ(called.exit_code, 0) << called.err;
  EXPECT_LT(called.out.find("conflict"), called.out.find(id_of("anna"))) << called.out;
  EXPECT_EQ(called.out.find('\x1b'), std::string::npos);
  std::istringstream lines(called.out);
  for (std::string line; std::getline(lines, line);)
    EXPECT_LE(line.size(), 104U) << line;  // "…" has three bytes
  const auto answer = json({"list"});
  EXPECT_EQ(answer["counts"], Json::parse(R"([{"service": "registration", "reason": "conflict", "count": 2},
                                              {"service": "notification", "reason": "too-large", "count": 1}])"));
  EXPECT_EQ(answer["letters"].size(), 3U);
  EXPECT_EQ(answer.dump().find("At four."), std::string::npos);
  EXPECT_EQ(answer.dump().find("sealed secret"), std::string::npos);
}

TEST_F(CliDead, filters_by_everything) {
  add_dead_account("anna", "conflict");
  add_dead_account("berta", "nobody-there");
  add_dead_delivery(kNotice, "anna", "1 day");
  add_dead_delivery(kOldNotice, "anna", "-1 day");
  database_->run(
      "UPDATE registration.dead_letter SET since = now() - interval '2 days' WHERE reason = 'conflict'");
  const auto count = [&](const std::vector<std::string>& filter) {
    std::vector<std::string> words{"list"};
    words.insert(words.end(), filter.begin(), filter.end());
    return json(words)["letters"].size();
  };
  EXPECT_EQ(count({}), 4U);
  EXPECT_EQ(count({"--service", "registration"}), 2U);
  EXPECT_EQ(count({"--reason", "conflict"}), 1U);
  EXPECT_EQ(count({"--action", "send_message"}), 2U);
  EXPECT_EQ(count({"--member", "anna"}), 3U);
  EXPECT_EQ(count({"--member", "anna", "--service", "notification"}), 2U);
  EXPECT_EQ(count({"--notice", kNotice}), 1U);
  EXPECT_EQ(count({"--source", "shop"}), 0U);
  EXPECT_EQ(count({"--since", "1d"}), 3U);
  EXPECT_EQ(count({"--before", "1d"}), 1U);
  EXPECT_EQ(count({"--limit", "2"}), 2U);
  EXPECT_EQ(count({"--reason", "'; DROP TABLE x; --"}), 0U);
}

TEST_F(CliDead, shows_one_with_its_origin_and_what_a_replay_would_do) {
  add_dead_account("anna", "conflict");
  add_dead_account("berta", "vanished", false);
  add_dead_delivery(kNotice, "carla", "1 day");
  const auto anna = json({"show", id_of("anna")});
  EXPECT_EQ(anna["reason"], "conflict");
  EXPECT_EQ(anna["attempts"], 3);
  EXPECT_EQ(anna["origin_source"], "site");
  EXPECT_EQ(anna["origin_event"], kNotice);
  EXPECT_EQ(anna["replay"], "create_account");
  EXPECT_NE(rostrum({"show", id_of("berta")}).out.find("nothing (no-password): there is no password"),
            std::string::npos);
  const auto id = json({"list", "--service", "notification"})["letters"][0]["id"].get<std::string>();
  const auto stanza = database_->value("SELECT stanza_id FROM notification.deliveries");
  EXPECT_EQ(json({"show", id})["stanza_id"], stanza);
  EXPECT_EQ(json({"show", stanza})["id"], id) << "as it stands in the Jabber server's log";
  EXPECT_FALSE(json({"show", id}).contains("text"));
  EXPECT_EQ(json({"show", id, "--text"})["text"], "At four.");
  EXPECT_EQ(rostrum({"show", "nonsense"}).exit_code, 1);
}

TEST_F(CliDead, says_what_it_would_do_and_does_nothing) {
  add_dead_account("anna", "conflict");
  add_dead_account("berta", "vanished", false);
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"replay", "--all"}, {"replay", "--all", "--dry-run"}, {"drop", "--all"}}) {
    const auto called = rostrum(words);
    EXPECT_EQ(called.exit_code, 0) << called.err;
    EXPECT_NE(called.out.find("2 dead letters; nothing was changed: --yes does it"), std::string::npos)
        << called.out;
  }
  EXPECT_NE(rostrum({"replay", "--all"}).out.find("nothing: no-password"), std::string::npos);
  EXPECT_EQ(state_of("anna"), "dead");
}

TEST_F(CliDead, takes_no_word_for_an_id_that_cannot_be_one) {
  add_dead_account("anna", "conflict");
  for (const auto* command : {"replay", "drop"}) {
    const auto called = rostrum({command, id_of("anna"), "nonsense", "--yes"});
    EXPECT_EQ(called.exit_code, 2);
    EXPECT_NE(called.err.find("'nonsense' is not the id of a dead letter"), std::string::npos) << called.err;
  }
  EXPECT_EQ(state_of("anna"), "dead");
}

TEST_F(CliDead, needs_all_where_nothing_else_is_said) {
  add_dead_account("anna", "conflict");
  for (const auto* command : {"replay", "drop"}) {
    EXPECT_EQ(rostrum({command, "--yes"}).exit_code, 2);
    EXPECT_EQ(rostrum({command, "--yes", "--limit", "5"}).exit_code, 2) << "a limit is no filter";
    EXPECT_EQ(rostrum({command, "--all", "--yes", "--dry-run"}).exit_code, 2);
    for (const auto* unset : {"--reason", "--member", "--notice", "--source", "--since"})
      EXPECT_EQ(rostrum({command, "--service", "registration", unset, "", "--yes"}).exit_code, 2) << unset;
  }
  EXPECT_EQ(state_of("anna"), "dead");
}

TEST_F(CliDead, replays_what_can_be_and_says_what_cannot) {
  add_dead_account("anna", "conflict");
  add_dead_account("berta", "vanished", false);
  const auto called = rostrum({"replay", "--all", "--yes"});
  EXPECT_EQ(called.exit_code, 3);
  EXPECT_NE(called.out.find("replayed 1 dead letter\n"), std::string::npos) << called.out;
  EXPECT_NE(called.err.find("1 dead letter not (no-password): "), std::string::npos) << called.err;
  EXPECT_EQ(state_of("anna"), "requested");
  EXPECT_EQ(state_of("berta"), "dead");
}

TEST_F(CliDead, sends_past_the_expiry_only_when_it_is_told_to) {
  add_dead_delivery(kNotice, "anna", "-1 day");
  EXPECT_EQ(rostrum({"replay", "--notice", kNotice, "--yes"}).exit_code, 3);
  const auto called = rostrum({"replay", "--notice", kNotice, "--extend", "2h", "--yes"});
  EXPECT_EQ(called.exit_code, 0) << called.err;
  EXPECT_EQ(database_->value("SELECT state FROM notification.delivery"), "queued");
  EXPECT_EQ(database_->value("SELECT extended_until > now() + interval '119 min' FROM notification.delivery"),
            "t");
}

TEST_F(CliDead, drops_by_name_and_explains_it_afterwards) {
  add_dead_account("anna", "conflict");
  add_dead_account("berta", "conflict");
  add_dead_delivery(kNotice, "carla", "1 day");
  const auto anna = id_of("anna");
  const auto delivery = json({"list", "--notice", kNotice})["letters"][0]["id"].get<std::string>();
  const auto called = rostrum({"drop", anna, delivery, "--yes"});
  EXPECT_EQ(called.exit_code, 0) << called.err;
  EXPECT_NE(called.out.find("dropped 2 dead letters"), std::string::npos) << called.out;
  EXPECT_EQ(state_of("anna"), "dropped");
  EXPECT_EQ(state_of("berta"), "dead");
  EXPECT_NE(rostrum({"show", delivery}).err.find("any more: dropped by "), std::string::npos);
  EXPECT_NE(rostrum({"show", anna}).err.find("it was conflict"), std::string::npos);
  EXPECT_EQ(rostrum({"drop", anna, "--yes"}).exit_code, 1);
}

TEST_F(CliDead, carries_a_hundred_thousand) {
  database_->run(std::string("INSERT INTO notification.notice (id, source, kind, audience, audience_ids, "
                             "title, body, expires_at, state) VALUES ('") +
                 kNotice +
                 "', 'site', 'alert', 'all', '{}', '', 'x', now() + interval '1 day', 'done');"
                 "INSERT INTO notification.delivery (notice_id, member_id, source, kind, jid, state, reason, "
                 "ended_at) SELECT '" +
                 kNotice +
                 "', 'm' || i, 'site', 'alert', 'm' || i || '@site.test', 'failed', 'unconfirmed', now() "
                 "FROM generate_series(1, 100000) i");
  const auto called = rostrum({"replay", "--reason", "unconfirmed", "--yes"});
  EXPECT_EQ(called.exit_code, 0) << called.err;
  EXPECT_EQ(called.out, "replayed 100000 dead letters\n");
  EXPECT_EQ(database_->value("SELECT queued FROM notification.notices"), "100000");
}

TEST_F(CliDead, complains_in_json_where_it_answers_in_json) {
  const auto refused = rostrum({"show", "nonsense", "--json"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(Json::parse(refused.err)["error"]["exit_code"], 1);
  const auto misunderstood = rostrum({"replay", "--nonsense", "--json"});
  EXPECT_EQ(misunderstood.exit_code, 2);
  EXPECT_EQ(Json::parse(misunderstood.err)["error"]["exit_code"], 2);
  EXPECT_EQ(misunderstood.out, "");
}

}  // namespace
}  // namespace rostrum::cli
