// SPDX-License-Identifier: GPL-3.0-or-later
// Work that cannot be done: how it ends, and what the operator may do about it.
#include "common/pg/apart.hpp"
#include "services/registration/adapters/account_sweeper.hpp"
#include "tests/contract/registration/stores.hpp"

namespace rostrum::registration {
namespace {

class AccountDeadLetters : public Stores {
 protected:
  [[nodiscard]] std::string id_of(const std::string& member) const {
    return database->value("SELECT id FROM registration.dead_letters WHERE member_id = '" + member + "'");
  }
  /// As rostrum_operator: the outcome for this one id.
  [[nodiscard]] std::string operate(const std::string& function, const std::string& id) const {
    const auto as_operator = database->connect("rostrum_operator");
    pqxx::work tx(*as_operator);
    const auto outcome = tx.exec_params1("SELECT outcome FROM registration." + function, "{" + id + "}");
    tx.commit();
    return outcome[0].c_str();
  }
  [[nodiscard]] std::string replay(const std::string& id) const {
    return operate("replay_dead_letters($1::uuid[])", id);
  }
  [[nodiscard]] std::string drop(const std::string& id) const {
    return operate("drop_dead_letters($1::uuid[], 'olga')", id);
  }
  /// The database refuses whatever fits.
  void poison(const std::string& table, const std::string& rule) const {
    database->run("ALTER TABLE registration." + table + " ADD CONSTRAINT poison CHECK (NOT (" + rule +
                  ")) NOT VALID");
  }
  void time_passes(const std::string& interval) const {
    database->run("UPDATE registration.account SET due = due - interval '" + interval +
                  "', wanted_since = wanted_since - interval '" + interval + "'");
  }
  std::size_t sweep() {
    pqxx::work tx(*connection);
    const auto count = give_up_overdue(tx, std::chrono::hours(24), 100, dead_letters);
    tx.commit();
    return count;
  }
  std::vector<AccountWork> claim_apart() {
    pqxx::work tx(*connection);
    auto works = store.claim_apart(tx, 100, Milliseconds(60'000));
    tx.commit();
    return works;
  }
};

TEST_F(AccountDeadLetters, tell_reason_attempts_and_origin) {
  const auto stated = member("anna", 1);
  commit({stated});
  settle(claim(), Status::kUnknown);
  database->run("UPDATE registration.account SET due = now()");
  settle(claim(), Status::kFailed, "jid-malformed");
  EXPECT_EQ(database->rows("SELECT source, member_id, jid, action, reason, detail, failures, attempts, "
                           "origin_source, origin_event, replay "
                           "FROM registration.dead_letters"),
            (Rows{{"forum", "anna", "anna@example.org", "create_account", "jid-malformed", "words", "1", "2",
                   "forum", stated.id.to_string(), "create_account"}}));
}

TEST_F(AccountDeadLetters, know_no_origin_where_none_was_recorded) {
  commit({member("anna", 1)});
  settle(claim(), Status::kFailed, "jid-malformed");
  database->run(
      "UPDATE registration.account SET origin_source = NULL, origin_event = NULL");  // as before 0005
  EXPECT_EQ(database->rows("SELECT origin_source, origin_event FROM registration.dead_letters"),
            (Rows{{"NULL", "NULL"}}));
}

TEST_F(AccountDeadLetters, are_replayed_under_the_same_claim_with_a_fresh_count) {
  commit({member("anna", 1)});
  const auto first = claim();
  settle(first, Status::kFailed, "conflict");
  const auto id = id_of("anna");
  EXPECT_EQ(replay(id), "replayed");
  EXPECT_EQ(database->rows("SELECT state, failures, attempts FROM registration.account"),
            (Rows{{"requested", "0", "0"}}));
  EXPECT_EQ(replay(id), "gone") << "it is no dead letter any more";
  const auto again = claim();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].attempt.claim, first[0].attempt.claim);
  v1::Command command;
  EXPECT_FALSE(make_command(again[0], sealing, command));
  EXPECT_EQ(command.create_account().password(), "password of anna");
  settle(again, Status::kDone);
  EXPECT_EQ(state("anna@example.org"), "active");
  EXPECT_EQ(database->value("SELECT total FROM registration.dead_letter_total WHERE what = 'replayed'"), "1");
}

TEST_F(AccountDeadLetters, without_a_password_wait_for_the_site) {
  commit({member("anna", 1)});
  settle(claim(), Status::kFailed, "conflict");
  database->run("UPDATE registration.account SET sealed_password = NULL");
  EXPECT_EQ(database->value("SELECT replay FROM registration.dead_letters"), "no-password");
  EXPECT_EQ(replay(id_of("anna")), "no-password");
  EXPECT_EQ(state("anna@example.org"), "dead");
}

TEST_F(AccountDeadLetters, are_dropped_for_good_and_stay_explainable) {
  commit({member("anna", 1)});
  settle(claim(), Status::kFailed, "conflict");
  const auto id = id_of("anna");
  EXPECT_EQ(drop(id), "dropped");
  EXPECT_EQ(drop(id), "gone");
  EXPECT_EQ(replay(id), "gone");
  EXPECT_EQ(database->rows("SELECT * FROM registration.dead_letters"), Rows{});
  EXPECT_EQ(database->rows("SELECT account_state, reason FROM directory.members"),
            (Rows{{"dropped", "conflict"}}));
  EXPECT_EQ(database->rows("SELECT dropped_by, dropped_at IS NOT NULL FROM registration.dead_letter"),
            (Rows{{"olga", "t"}}));
  EXPECT_EQ(database->value("SELECT sealed_password IS NULL FROM registration.account"), "t");
  EXPECT_EQ(database->rows("SELECT ready, account_dead FROM directory.audience"), (Rows{{"f", "t"}}));
  commit({member("anna", 2)});
  settle(claim(), Status::kDone);
  EXPECT_EQ(state("anna@example.org"), "active") << "the site may want it all the same";
  EXPECT_EQ(database->rows("SELECT * FROM registration.dead_letter"), Rows{});
}

TEST_F(AccountDeadLetters, are_the_operators_alone_and_by_these_functions_alone) {
  commit({member("anna", 1)});
  settle(claim(), Status::kFailed, "conflict");
  for (const auto* role : {"rostrum_reader", "rostrum_notification", "rostrum_registration"}) {
    const auto other = database->connect(role);
    pqxx::work tx(*other);
    EXPECT_THROW(tx.exec("SELECT registration.drop_dead_letters('{}', 'x')"), pqxx::insufficient_privilege)
        << role;
  }
  for (const auto* statement :
       {"SELECT * FROM registration.account", "DELETE FROM registration.dead_letter"}) {
    const auto as_operator = database->connect("rostrum_operator");
    pqxx::work tx(*as_operator);
    EXPECT_THROW(tx.exec(statement), pqxx::insufficient_privilege) << statement;
  }
}

TEST_F(AccountDeadLetters, are_made_of_what_waited_too_long_for_nobody) {
  commit({member("anna", 1), member("berta", 1)});
  settle(claim(1), Status::kRetry);
  time_passes("23 hours");
  EXPECT_EQ(sweep(), 0U);
  commit({member("berta", 2)});  // stated anew: its wait begins again
  time_passes("2 hours");
  EXPECT_EQ(sweep(), 1U);
  EXPECT_EQ(database->rows("SELECT member_id, reason, attempts FROM registration.dead_letters"),
            (Rows{{"anna", "nobody-there", "0"}}));
  EXPECT_EQ(state("berta@example.org"), "requested");
  EXPECT_EQ(replay(id_of("anna")), "replayed");
  EXPECT_EQ(sweep(), 0U) << "a replay waits as long again";
}

TEST_F(AccountDeadLetters, are_not_made_of_what_somebody_is_at) {
  commit({member("anna", 1)});
  database->run("UPDATE registration.account SET wanted_since = now() - interval '2 days'");
  const auto held = claim();
  EXPECT_EQ(sweep(), 0U);
  settle(held, Status::kDone);
  EXPECT_EQ(state("anna@example.org"), "active");
}

TEST_F(AccountDeadLetters, single_out_a_row_that_cannot_be_claimed) {
  commit({member("anna", 1), member("berta", 1), member("carla", 1)});
  poison("account", "member_id = 'berta' AND state = 'attempting'");
  EXPECT_THROW(claim(), pqxx::check_violation);
  EXPECT_EQ(claim_apart().size(), 2U);
  EXPECT_EQ(database->rows("SELECT member_id, action, reason, detail FROM registration.dead_letters"),
            (Rows{{"berta", "create_account", "not-storable", "the database refuses it: 23514 (poison)"}}));
  EXPECT_TRUE(claim().empty()) << "and is out of the way";
}

TEST_F(AccountDeadLetters, go_round_a_row_about_which_nothing_is_taken) {
  commit({member("anna", 1), member("berta", 1)});
  poison("account", "member_id = 'berta' AND state <> 'requested'");
  EXPECT_EQ(claim_apart().size(), 1U);
  EXPECT_EQ(state("berta@example.org"), "requested");
  EXPECT_EQ(state("anna@example.org"), "attempting");
}

TEST_F(AccountDeadLetters, bury_what_cannot_be_recorded_unless_another_holds_it_by_now) {
  commit({member("anna", 1)});
  const auto late = claim(1, Milliseconds(0));
  const auto current = claim(1);
  const auto bury = [&](const AccountWork& work) {
    pqxx::work tx(*connection);
    store.bury(tx, {work, {Status::kDone, "", "", {}}}, {"23514", "poison", ""});
    tx.commit();
  };
  bury(late.at(0));
  EXPECT_EQ(state("anna@example.org"), "attempting");
  bury(current.at(0));
  EXPECT_EQ(database->rows("SELECT reason FROM registration.dead_letters"), (Rows{{"not-storable"}}));
}

TEST_F(AccountDeadLetters, of_the_sweeper_are_made_although_one_of_them_is_refused) {
  commit({member("anna", 1), member("berta", 1)});
  poison("dead_letter", "jid = 'anna@example.org' AND reason = 'nobody-there'");
  time_passes("2 days");
  EXPECT_EQ(sweep(), 2U);
  EXPECT_EQ(database->rows("SELECT member_id, reason FROM registration.dead_letters ORDER BY 1"),
            (Rows{{"anna", "not-storable"}, {"berta", "nobody-there"}}));
}

}  // namespace
}  // namespace rostrum::registration
