// SPDX-License-Identifier: GPL-3.0-or-later
// Work that cannot be done: how it ends, and what the operator may do about it.
#include "services/notification/adapters/notice_rows.hpp"
#include "tests/contract/notification/world.hpp"

namespace rostrum::notification {
namespace {

using Rows = std::vector<std::vector<std::string>>;
using Status = bus::CommandResult::Status;

class DeadLetter : public World {
 protected:
  [[nodiscard]] std::string id_of(const std::string& notice, const std::string& member) const {
    return database->value("SELECT token FROM notification.delivery WHERE notice_id = '" + notice +
                           "' AND member_id = '" + member + "'");
  }
  [[nodiscard]] std::string operate(const std::string& function, const std::string& id) const {
    const auto as_operator = database->connect("rostrum_operator");
    pqxx::work tx(*as_operator);
    const auto outcome = tx.exec_params1("SELECT outcome FROM notification." + function, "{" + id + "}");
    tx.commit();
    return outcome[0].c_str();
  }
  [[nodiscard]] std::string replay(const std::string& id) const {
    return operate("replay_dead_letters($1::uuid[], NULL)", id);
  }
  [[nodiscard]] std::string replay_for(const std::string& id, const std::string& interval) const {
    return operate("replay_dead_letters($1::uuid[], '" + interval + "')", id);
  }
  [[nodiscard]] std::string drop(const std::string& id) const {
    return operate("drop_dead_letters($1::uuid[], 'olga')", id);
  }
  void poison(const std::string& table, const std::string& rule) const {
    database->run("ALTER TABLE notification." + table + " ADD CONSTRAINT poison CHECK (NOT (" + rule +
                  ")) NOT VALID");
  }
  /// The database fails by this, as it would by no fault of the row's, at deliveries of this kind.
  void fails(const std::string& sqlstate, const std::string& rule) const {
    database->run(
        "CREATE FUNCTION notification.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
        "USING ERRCODE = '" +
        sqlstate + "'; END $$; CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON notification.delivery " +
        "FOR EACH ROW WHEN (" + rule + ") EXECUTE FUNCTION notification.fail()");
  }
  void is_mended() const { database->run("DROP TRIGGER fail ON notification.delivery"); }
  void account_is_dead(const std::string& member, const std::string& age = "0") const {
    database->run("UPDATE registration.account SET state = 'dead' WHERE member_id = '" + member +
                  "'; INSERT INTO registration.dead_letter (jid, action, reason, since) SELECT jid, "
                  "'create_account', 'conflict', now() - interval '" +
                  age + "' FROM registration.account WHERE member_id = '" + member + "'");
  }
  void expires(const std::string& notice) const {
    database->run("UPDATE notification.notice SET expires_at = now() - interval '1 s' WHERE id = '" + notice +
                  "'");
  }
  [[nodiscard]] std::string notice_state(const std::string& notice) const {
    return database->value("SELECT state FROM notification.notices WHERE notice_id = '" + notice + "'");
  }
  Claimed claim_apart() {
    Claimed claimed;
    transact([&](pqxx::transaction_base& tx) { claimed = store.claim_apart(tx, 100, kHold); });
    return claimed;
  }
  std::size_t expand_one_by_one() {
    std::size_t notices = 0;
    transact([&](pqxx::transaction_base& tx) { notices = expand_apart(tx, meter, log); });
    return notices;
  }
  std::size_t end_for_dead() {
    std::size_t ended = 0;
    transact([&](pqxx::transaction_base& tx) { ended = end_for_dead_accounts(tx, 100, meter); });
    return ended;
  }
  /// One notice to one member that has failed.
  std::string failed_for_anna() {
    member("anna");
    const auto notice = publish(to_all());
    expand_all();
    settle(claim(), Status::kFailed, "invalid-text");
    sweep();
    EXPECT_EQ(notice_state(notice), "done");
    return notice;
  }

  log::Log log{"test", log::Format::kText, log::Level::kError};
};

TEST_F(DeadLetter, tells_reason_attempts_and_origin) {
  const auto notice = failed_for_anna();
  EXPECT_EQ(database->rows("SELECT id, action, source, member_id, reason, detail, attempts, origin_source, "
                           "origin_event, replay FROM "
                           "notification.dead_letters"),
            (Rows{{id_of(notice, "anna"), "send_message", "site", "anna", "invalid-text", "words", "1",
                   "site", notice, "send_message"}}));
}

TEST_F(DeadLetter, is_replayed_under_the_same_stanza_id_with_a_fresh_count) {
  const auto notice = failed_for_anna();
  const auto id = id_of(notice, "anna");
  EXPECT_EQ(replay(id), "replayed");
  EXPECT_EQ(replay(id), "gone");
  EXPECT_EQ(notice_state(notice), "sending");
  EXPECT_EQ(progress(notice), "1 1 0 0 0 0 0");
  const auto again = claim();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again.front().stanza.token.to_string(), id);
  EXPECT_EQ(again.front().attempt, 2U) << "the late result of the first cannot be taken for this one's";
  settle(again, Status::kFailed, "invalid-text");
  EXPECT_EQ(database->value("SELECT attempts FROM notification.dead_letters"), "1");
  EXPECT_EQ(replay(id), "replayed");
  settle(claim(), Status::kDone);
  sweep();
  EXPECT_EQ(notice_state(notice), "done");
  EXPECT_EQ(progress(notice), "1 0 1 0 0 0 0");
  EXPECT_EQ(database->value("SELECT total FROM notification.dead_letter_total WHERE what = 'replayed'"), "2");
}

TEST_F(DeadLetter, past_its_notices_expiry_needs_to_be_extended) {
  const auto notice = failed_for_anna();
  const auto id = id_of(notice, "anna");
  expires(notice);
  EXPECT_EQ(database->value("SELECT replay FROM notification.dead_letters"), "past-expiry");
  EXPECT_EQ(replay(id), "past-expiry");
  EXPECT_EQ(state_of(notice, "anna"), "failed");
  EXPECT_EQ(replay_for(id, "1 hour"), "replayed");
  EXPECT_EQ(sweep(), 0U) << "it is not swept away at once";
  EXPECT_EQ(notice_state(notice), "sending");
  settle(claim(), Status::kDone);
  EXPECT_EQ(state_of(notice, "anna"), "sent");
}

TEST_F(DeadLetter, that_was_extended_expires_all_the_same) {
  const auto notice = failed_for_anna();
  expires(notice);
  EXPECT_EQ(replay_for(id_of(notice, "anna"), "1 hour"), "replayed");
  database->run("UPDATE notification.delivery SET extended_until = now()");
  EXPECT_EQ(sweep(), 1U);
  EXPECT_EQ(column(notice, "anna", "state || ' ' || reason"), "expired unsent");
}

TEST_F(DeadLetter, is_dropped_for_good_and_stays_explainable) {
  const auto notice = failed_for_anna();
  const auto id = id_of(notice, "anna");
  EXPECT_EQ(drop(id), "dropped");
  EXPECT_EQ(drop(id), "gone");
  EXPECT_EQ(replay(id), "gone");
  EXPECT_EQ(database->rows("SELECT * FROM notification.dead_letters"), Rows{});
  EXPECT_EQ(database->rows("SELECT state, reason, detail, dropped_by FROM notification.deliveries"),
            (Rows{{"suppressed", "dropped", "failed: invalid-text: words", "olga"}}));
  EXPECT_EQ(progress(notice), "1 0 0 0 0 0 1");
}

TEST_F(DeadLetter, of_an_unknown_member_is_replayed_once_it_is_known) {
  const auto notice = publish(to_members({"nobody"}));
  expand_all();
  const auto id = id_of(notice, "nobody");
  EXPECT_EQ(replay(id), "unknown-member");
  member("nobody");
  EXPECT_EQ(replay(id), "replayed");
  EXPECT_EQ(claim().front().jid, "nobody@site.test");
}

TEST_F(DeadLetter, of_an_unknown_member_can_be_dropped) {
  const auto notice = publish(to_members({"nobody"}));
  expand_all();
  EXPECT_EQ(drop(id_of(notice, "nobody")), "dropped");
}

TEST_F(DeadLetter, that_is_none_is_gone) {
  const auto notice = failed_for_anna();
  for (const auto& id : {notice, std::string("0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b")}) {
    EXPECT_EQ(replay(id), "gone") << id;
    EXPECT_EQ(drop(id), "gone") << id;
  }
}

TEST_F(DeadLetter, of_registrations_ends_deliveries_that_wait_for_it_at_once) {
  member("anna", {}, false);
  member("berta", {}, false);
  const auto notice = publish(to_all());
  expand_all();
  EXPECT_TRUE(claim().empty());
  EXPECT_EQ(end_for_dead(), 0U);
  account_is_dead("anna");
  EXPECT_EQ(end_for_dead(), 1U);
  EXPECT_EQ(column(notice, "anna", "state || ' ' || reason"), "failed account-dead");
  EXPECT_EQ(state_of(notice, "berta"), "queued");
}

TEST_F(DeadLetter, of_registrations_from_long_ago_is_found_when_the_delivery_is_due) {
  member("anna", {}, false);
  const auto notice = publish(to_all());
  expand_all();
  account_is_dead("anna", "1 day");
  EXPECT_EQ(end_for_dead(), 0U);
  EXPECT_TRUE(claim().empty());
  EXPECT_EQ(column(notice, "anna", "reason"), "account-dead");
}

TEST_F(DeadLetter, of_registrations_makes_later_notices_fail_at_once) {
  member("anna", {}, false);
  member("berta");
  account_is_dead("anna", "1 day");
  const auto notice = publish(to_all());
  expand_all();
  EXPECT_EQ(column(notice, "anna", "state || ' ' || reason"), "failed account-dead");
  EXPECT_EQ(progress(notice), "2 1 0 0 1 0 0");
}

TEST_F(DeadLetter, of_registrations_does_not_keep_messages_from_an_account_that_exists) {
  member("anna");
  account_is_dead("anna");  // its password could not be changed
  database->run("UPDATE registration.dead_letter SET reachable = true");
  const auto notice = publish(to_all());
  expand_all();
  EXPECT_EQ(end_for_dead(), 0U);
  settle(claim(), Status::kDone);
  EXPECT_EQ(state_of(notice, "anna"), "sent");
}

TEST_F(DeadLetter, for_a_dead_account_is_not_revived_with_it_but_by_its_own_replay) {
  member("anna", {}, false);
  const auto notice = publish(to_all());
  expand_all();
  account_is_dead("anna");
  EXPECT_EQ(end_for_dead(), 1U);
  database->run(
      "DELETE FROM registration.dead_letter; UPDATE registration.account SET state = 'active', exists_since "
      "= now()");
  EXPECT_TRUE(claim().empty()) << "the account is back, the delivery is as dead as before";
  EXPECT_EQ(replay(id_of(notice, "anna")), "replayed");
  EXPECT_EQ(claim().size(), 1U);
}

TEST_F(DeadLetter, that_is_replayed_for_an_account_that_is_still_dead_dies_again) {
  member("anna", {}, false);
  account_is_dead("anna");
  const auto notice = publish(to_all());
  expand_all();
  EXPECT_EQ(replay(id_of(notice, "anna")), "replayed");
  EXPECT_EQ(end_for_dead(), 0U);
  EXPECT_TRUE(claim().empty());
  EXPECT_EQ(column(notice, "anna", "reason"), "account-dead");
}

TEST_F(DeadLetter, is_made_of_a_row_that_cannot_be_claimed_and_of_no_other) {
  many_members(5);
  const auto notice = publish(to_all());
  expand_all();
  poison("delivery", "member_id = 'm3' AND state = 'attempting'");
  EXPECT_THROW(claim(), pqxx::check_violation);
  EXPECT_EQ(members_of(claim_apart()), (std::vector<std::string>{"m1", "m2", "m4", "m5"}));
  EXPECT_EQ(column(notice, "m3", "reason"), "not-storable");
  EXPECT_EQ(progress(notice), "5 4 0 0 1 0 0");
  EXPECT_TRUE(claim().empty());
}

TEST_F(DeadLetter, is_made_of_what_cannot_be_recorded) {
  many_members(2);
  const auto notice = publish(to_all());
  expand_all();
  const auto claimed = claim();
  poison("delivery", "member_id = 'm2' AND state = 'sent'");
  EXPECT_THROW(settle(claimed, Status::kDone), pqxx::check_violation);
  for (const auto& delivery : claimed) {
    if (delivery.member_id == "m2")
      transact([&](pqxx::transaction_base& tx) {
        store.bury(tx, {delivery, {Status::kDone, "", "", {}}}, {"23514", "poison", ""});
      });
  }
  EXPECT_EQ(column(notice, "m2", "detail"), "the database refuses it: 23514 (poison)");
}

TEST_F(DeadLetter, is_made_of_what_cannot_expire_and_the_others_expire) {
  many_members(3);
  const auto notice = publish(to_all());
  expand_all();
  expires(notice);
  poison("delivery", "member_id = 'm2' AND state = 'expired'");
  sweep();
  EXPECT_EQ(progress(notice), "3 0 0 0 1 2 0");
  EXPECT_EQ(column(notice, "m2", "reason"), "not-storable");
}

TEST_F(DeadLetter, is_made_of_a_notice_that_cannot_be_expanded_and_the_others_are_expanded) {
  many_members(3);
  const auto bad = publish(to_members({"m2"}));
  const auto good = publish(to_all());
  poison("delivery", "notice_id = '" + bad + "'");
  EXPECT_THROW(expand_all(), pqxx::check_violation);
  EXPECT_EQ(expand_one_by_one(), 2U);
  expand_all();
  sweep();
  EXPECT_EQ(progress(good), "3 3 0 0 0 0 0");
  EXPECT_EQ(notice_state(bad), "done");
  EXPECT_EQ(database->rows("SELECT id, action, member_id, reason, detail, origin_source, origin_event, "
                           "replay FROM notification.dead_letters"),
            (Rows{{bad, "expand_notice", "NULL", "not-storable",
                   "the database refuses its deliveries: 23514 (poison)", "site", bad, "expand_notice"}}));
  EXPECT_EQ(metric("rostrum_notification_dead_letters_made_total"), 1);
}

TEST_F(DeadLetter, is_made_of_the_one_member_whose_delivery_cannot_be_made_and_the_others_get_theirs) {
  many_members(40);
  group("all");
  for (const auto* member : {"m1", "m3", "m7"})
    database->run("INSERT INTO directory.member_group VALUES ('site', 'all', '" + std::string(member) + "')");
  const std::vector<std::pair<std::string, std::string>> notices{
      {publish(to_all()), "40 39 0 0 1 0 0"},
      {publish(to_groups({"all"})), "3 2 0 0 1 0 0"},
      {publish(to_members({"m3", "m4", "nobody"})), "3 1 0 0 2 0 0"}};
  fails("XX001", "new.member_id = 'm3' AND new.state = 'queued'");
  EXPECT_EQ(expand_one_by_one(), 3U);
  is_mended();
  for (const auto& [notice, expected] : notices) {
    EXPECT_EQ(progress(notice), expected);
    EXPECT_EQ(notice_state(notice), "sending");
    EXPECT_EQ(column(notice, "m3", "reason"), "not-storable");
    EXPECT_EQ(column(notice, "m3", "detail"), "the database refuses it: XX001");
  }
  EXPECT_EQ(metric("rostrum_notification_dead_letters_made_total"), 4);
  const auto& notice = notices.front().first;
  EXPECT_EQ(replay(id_of(notice, "m3")), "replayed");
  EXPECT_EQ(progress(notice), "40 40 0 0 0 0 0");
  EXPECT_EQ(column(notice, "m3", "jid"), "m3@site.test");
}

TEST_F(DeadLetter, is_made_of_the_notice_where_not_even_that_is_stored_and_the_others_get_theirs) {
  many_members(40);
  const auto notice = publish(to_all());
  poison("delivery", "member_id = 'm3'");
  EXPECT_EQ(expand_one_by_one(), 1U);
  EXPECT_EQ(progress(notice), "39 39 0 0 0 0 0");
  EXPECT_EQ(database->value("SELECT action || ' ' || reason FROM notification.dead_letters"),
            "expand_notice not-storable");
  settle(claim(), Status::kDone);
  sweep();
  EXPECT_EQ(notice_state(notice), "done");
  database->run("ALTER TABLE notification.delivery DROP CONSTRAINT poison");
  EXPECT_EQ(replay(notice), "replayed");
  EXPECT_THROW(expand_all(), pqxx::unique_violation) << "of those that have theirs";
  EXPECT_EQ(expand_one_by_one(), 1U);
  EXPECT_EQ(progress(notice), "40 1 39 0 0 0 0");
  EXPECT_EQ(state_of(notice, "m3"), "queued");
}

TEST_F(DeadLetter, is_not_made_of_what_the_database_has_no_time_for_until_the_notice_expires) {
  many_members(5);
  const auto slow = publish(to_all());
  const auto other = publish(to_members({"m1"}));
  fails("57014", "new.notice_id = '" + slow + "' AND new.member_id = 'm3'");
  EXPECT_EQ(expand_one_by_one(), 2U);
  EXPECT_EQ(progress(slow), "2 2 0 0 0 0 0");
  EXPECT_EQ(notice_state(slow), "expanding");
  EXPECT_EQ(progress(other), "1 1 0 0 0 0 0");
  EXPECT_EQ(expand_one_by_one(), 0U) << "it stands still";
  EXPECT_EQ(database->value("SELECT count(*) FROM notification.dead_letters"), "0");
  expires(slow);
  EXPECT_EQ(expand_one_by_one(), 1U);
  EXPECT_EQ(database->value("SELECT action || ' ' || detail FROM notification.dead_letters"),
            "expand_notice the database refuses its deliveries: 57014");
}

TEST_F(DeadLetter, is_made_of_a_row_that_is_damaged_and_not_of_one_that_gets_no_time) {
  many_members(3);
  const auto notice = publish(to_all());
  expand_all();
  fails("XX001", "new.member_id = 'm2' AND new.state = 'attempting'");
  EXPECT_EQ(members_of(claim_apart()), (std::vector<std::string>{"m1", "m3"}));
  EXPECT_EQ(column(notice, "m2", "reason"), "not-storable");
  is_mended();
  database->run("DROP FUNCTION notification.fail()");
  database->run("UPDATE notification.delivery SET due = now(), state = 'queued' WHERE state = 'attempting'");
  fails("57014", "new.member_id = 'm3' AND new.state = 'attempting'");
  EXPECT_THROW(claim_apart(), pqxx::sql_error);
  EXPECT_EQ(state_of(notice, "m3"), "queued");
}

TEST_F(DeadLetter, of_a_notice_is_replayed_or_dropped_too) {
  many_members(1);
  const auto bad = publish(to_all());
  const auto worse = publish(to_all());
  poison("delivery", "true");
  EXPECT_EQ(expand_one_by_one(), 2U);
  sweep();
  database->run("ALTER TABLE notification.delivery DROP CONSTRAINT poison");
  EXPECT_EQ(replay(bad), "replayed");
  EXPECT_EQ(drop(worse), "dropped");
  EXPECT_EQ(replay(worse), "gone");
  expand_all();
  EXPECT_EQ(progress(bad), "1 1 0 0 0 0 0");
  EXPECT_EQ(progress(worse), "0 0 0 0 0 0 0");
  EXPECT_EQ(
      database->rows("SELECT reason, dropped_by FROM notification.notices WHERE notice_id = '" + worse + "'"),
      (Rows{{"not-storable", "olga"}}));
}

TEST_F(DeadLetter, that_is_replayed_while_its_notice_becomes_done_is_not_forgotten) {
  const auto notice = failed_for_anna();
  database->run("UPDATE notification.notice SET state = 'sending', done_at = NULL");
  // The sweeper has looked and waits for the notice; the replay has it, and commits.
  const auto as_operator = database->connect("rostrum_operator");
  pqxx::work replaying(*as_operator);
  replaying.exec_params("SELECT notification.replay_dead_letters($1::uuid[], NULL)",
                        "{" + id_of(notice, "anna") + "}");
  sweep();
  replaying.commit();
  sweep();
  EXPECT_EQ(notice_state(notice), "sending");
  EXPECT_EQ(claim().size(), 1U);
}

}  // namespace
}  // namespace rostrum::notification
