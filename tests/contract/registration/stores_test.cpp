// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/registration/stores.hpp"

#include <thread>

namespace rostrum::registration {
namespace {

TEST_F(Stores, bring_a_member_from_its_statement_to_an_active_account) {
  EXPECT_EQ(commit({group("staff", 1, "Staff"), member("anna", 1, {"staff", "board"})}),
            (std::vector<int>{0, 0}));
  EXPECT_EQ(kicks, 1);
  EXPECT_EQ(database->rows(
                "SELECT member_id, jid, display_name, groups, account_state, reason FROM directory.members"),
            (Rows{{"anna", "anna@example.org", "Name of anna", "{board,staff}", "requested", "NULL"}}));
  EXPECT_EQ(database->rows("SELECT * FROM directory.audience"),
            (Rows{{"forum", "anna", "anna@example.org", "f", "f"}}));
  EXPECT_EQ(database->rows("SELECT * FROM directory.audience_group"), (Rows{{"forum", "staff", "anna"}}))
      << "the board was not stated yet";
  EXPECT_EQ(database->rows("SELECT group_id, title, member_count FROM directory.groups"),
            (Rows{{"staff", "Staff", "1"}}));

  const auto works = claim();
  ASSERT_EQ(works.size(), 1U);
  EXPECT_EQ(state("anna@example.org"), "attempting");
  v1::Command command;
  EXPECT_FALSE(make_command(works[0], sealing, command));
  EXPECT_EQ(command.create_account().jid(), "anna@example.org");
  EXPECT_EQ(command.create_account().password(), "password of anna");
  EXPECT_EQ(command.create_account().claim(), database->value("SELECT claim FROM registration.account"));

  settle(works, Status::kDone);
  EXPECT_EQ(state("anna@example.org"), "active");
  EXPECT_EQ(database->value("SELECT sealed_password IS NULL FROM registration.account"), "t");
  EXPECT_EQ(database->rows("SELECT ready FROM directory.audience"), (Rows{{"t"}}));
  EXPECT_TRUE(claim().empty());
}

TEST_F(Stores, take_the_whole_state_of_a_member_and_a_group_anew) {
  commit({member("anna", 1, {"staff", "board"}), group("staff", 1, "Staff"), group("board", 1, "Board")});
  commit({member("anna", 2, {"board", "press"}), group("staff", 2, "All staff")});
  EXPECT_EQ(database->rows("SELECT groups FROM directory.members"), (Rows{{"{board,press}"}}));
  EXPECT_EQ(database->rows("SELECT group_id, title, member_count FROM directory.groups ORDER BY 1"),
            (Rows{{"board", "Board", "1"}, {"staff", "All staff", "0"}}));
}

TEST_F(Stores, remove_a_member_and_show_it_until_its_account_is_gone) {
  commit({member("anna", 1, {"staff"})});
  settle(claim(), Status::kDone);
  commit({gone("anna", 2)});
  EXPECT_EQ(database->rows("SELECT * FROM directory.audience"), Rows{});
  EXPECT_EQ(database->rows("SELECT account_state, present, groups FROM directory.members"),
            (Rows{{"removing", "f", "{}"}}));
  const auto works = claim();
  v1::Command command;
  EXPECT_FALSE(make_command(works.at(0), sealing, command));
  EXPECT_TRUE(command.has_remove_account());
  settle(works, Status::kDone);
  EXPECT_EQ(database->rows("SELECT * FROM directory.members"), Rows{});
  EXPECT_EQ(commit({member("anna", 2)}), std::vector<int>{0});
  EXPECT_EQ(database->value("SELECT present FROM directory.member"), "f")
      << "the tombstone keeps its revision";
}

TEST_F(Stores, never_hand_the_same_work_to_two_claimers) {
  std::vector<intake::IntakeEvent> events;
  for (int i = 0; i < 200; ++i) events.push_back(member("m" + std::to_string(i), 1));
  commit(events);
  std::set<std::string> claimed;
  std::mutex mutex;
  std::size_t total = 0;
  const auto claimer = [&] {
    AccountStore own(dead_letters);
    const auto own_connection = database->connect("rostrum_registration");
    for (int round = 0; round < 20; ++round) {
      pqxx::work tx(*own_connection);
      const auto works = own.claim(tx, 7, Milliseconds(60'000));
      tx.commit();
      const std::lock_guard lock(mutex);
      for (const auto& work : works) claimed.insert(work.jid);
      total += works.size();
    }
  };
  std::thread one(claimer), other(claimer);
  one.join();
  other.join();
  EXPECT_EQ(total, claimed.size());
  while (!claim().empty()) {
  }
  EXPECT_EQ(
      database->value("SELECT count(*) FROM registration.account WHERE state = 'attempting' AND attempt = 1"),
      "200");
}

TEST_F(Stores, hand_out_again_what_a_dead_process_held_and_ignore_its_late_result) {
  commit({member("anna", 1)});
  const auto late = claim(1, Milliseconds(0));
  const auto current = claim(1);
  ASSERT_EQ(current.size(), 1U);
  EXPECT_EQ(current[0].attempt.claim, late[0].attempt.claim);
  settle(late, Status::kFailed, "conflict");
  EXPECT_EQ(state("anna@example.org"), "attempting");
  settle(current, Status::kDone);
  EXPECT_EQ(state("anna@example.org"), "active");
}

TEST_F(Stores, keep_a_dead_letter_until_a_statement_revives_it) {
  commit({member("anna", 1)});
  settle(claim(), Status::kFailed, "conflict");
  EXPECT_EQ(database->rows("SELECT source, member_id, jid, action, reason FROM registration.dead_letters"),
            (Rows{{"forum", "anna", "anna@example.org", "create_account", "conflict"}}));
  EXPECT_EQ(database->rows("SELECT account_state, reason FROM directory.members"),
            (Rows{{"dead", "conflict"}}));
  EXPECT_EQ(database->rows("SELECT ready FROM directory.audience"), (Rows{{"f"}}));
  commit({member("anna", 2)});
  EXPECT_EQ(database->rows("SELECT * FROM registration.dead_letters"), Rows{});
  settle(claim(), Status::kDone);
  EXPECT_EQ(state("anna@example.org"), "active");
}

TEST_F(Stores, wait_before_they_repeat_what_failed) {
  commit({member("anna", 1)});
  settle(claim(), Status::kFailed, "resource-constraint");
  EXPECT_EQ(state("anna@example.org"), "requested");
  EXPECT_TRUE(claim().empty());
  EXPECT_EQ(database->value("SELECT due > now() + interval '500 ms' FROM registration.account"), "t");
}

TEST_F(Stores, answer_for_a_password_that_their_key_does_not_open) {
  commit({member("anna", 1)});
  v1::Command command;
  const auto answer = make_command(claim().at(0), bus::make_key_pair(), command);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->condition, "unreadable-password");
}

TEST_F(Stores, reject_a_password_sealed_to_another_key) {
  const auto stranger = bus::make_key_pair();
  const auto stated = event("anna", 1, [&](v1::Event& e) {
    e.mutable_password_changed()->set_sealed_password(bus::seal("x", stranger.public_key));
  });
  EXPECT_EQ(domain.check(stated)->code, v1::REJECTION_CODE_UNREADABLE_PASSWORD);
  const auto unfit = event("anna", 1, [&](v1::Event& e) {
    e.mutable_password_changed()->set_sealed_password(bus::seal("a\nb", sealing.public_key));
  });
  EXPECT_EQ(domain.check(unfit)->code, v1::REJECTION_CODE_INVALID_FIELD);
}

TEST_F(Stores, let_a_jid_change_hands_within_one_batch) {
  commit({member("zoe", 1)});
  EXPECT_EQ(commit({gone("zoe", 2), member("anna", 1, {}, "forum", "zoe@example.org")}),
            (std::vector<int>{0, 0}));
  EXPECT_EQ(database->rows("SELECT member_id, jid FROM directory.audience"),
            (Rows{{"anna", "zoe@example.org"}}));
}

TEST_F(Stores, tell_which_rule_two_sites_broke_at_the_same_moment) {
  const auto other = database->connect("rostrum_registration");
  pqxx::work first(*other);
  const std::vector<intake::IntakeEvent> theirs{member("7", 1, {}, "shop", "anna@example.org")};
  (void)domain.apply(first, test::all_of(theirs));
  std::thread waiting([&] { EXPECT_THROW(commit({member("anna", 1)}), pqxx::unique_violation); });
  std::this_thread::sleep_for(Milliseconds(200));  // until it waits for the first; sooner is no harm
  first.commit();
  waiting.join();
  EXPECT_EQ(domain.explain("23505", "member_jid_taken", "").code, v1::REJECTION_CODE_JID_TAKEN);
  EXPECT_EQ(commit({member("anna", 1)}), std::vector<int>{v1::REJECTION_CODE_JID_TAKEN});
}

TEST_F(Stores, count_and_keep_what_the_server_did_without_us) {
  commit({member("anna", 1)});
  settle(claim(), Status::kDone);
  const auto told = [&](const std::string& jid, bool appeared) {
    return event(
        jid, 0,
        [&](v1::Event& e) {
          appeared ? static_cast<void>(e.mutable_account_appeared())
                   : static_cast<void>(e.mutable_account_vanished());
        },
        "gateway");
  };
  commit({told("stranger@example.org", true), told("stranger@example.org", true)});
  commit({told("stranger@example.org", true)});
  EXPECT_EQ(database->rows("SELECT jid, times FROM registration.foreign_account"),
            (Rows{{"stranger@example.org", "3"}}));
  std::this_thread::sleep_for(Milliseconds(2));  // the news are younger than the account
  commit({told("anna@example.org", false)});
  EXPECT_EQ(database->rows("SELECT account_state, reason FROM directory.members"),
            (Rows{{"dead", "vanished"}}));
  EXPECT_NE(registry.exposition().find("rostrum_registration_drift_total{kind=\"foreign_account\"} 3"),
            std::string::npos);
}

TEST_F(Stores, page_an_audience_of_many_by_index) {
  database->run(R"(
    INSERT INTO directory.member (source, member_id, jid, revision, present)
      SELECT 'forum', 'm' || lpad(i::text, 6, '0'), 'm' || i || '@example.org', 1, true FROM generate_series(1, 20000) i;
    INSERT INTO registration.account (jid, source, member_id, goal, state, claim, exists_since)
      SELECT jid, source, member_id, 'present', 'active', gen_random_uuid(), now() FROM directory.member;
    ANALYZE directory.member; ANALYZE registration.account)");
  std::string plan;
  for (const auto& line : database->rows("EXPLAIN SELECT * FROM directory.audience WHERE source = 'forum' "
                                         "AND member_id > 'm010000' ORDER BY member_id LIMIT 1000"))
    plan += line[0] + "\n";
  EXPECT_EQ(plan.find("Seq Scan"), std::string::npos) << plan;
  EXPECT_EQ(plan.find("Sort"), std::string::npos) << plan;
}

}  // namespace
}  // namespace rostrum::registration
