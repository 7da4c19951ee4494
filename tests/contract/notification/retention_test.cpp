// SPDX-License-Identifier: GPL-3.0-or-later
// What is over goes after its time, in small batches; what still waits for somebody stays.
#include "services/notification/adapters/retention.hpp"

#include "tests/contract/notification/world.hpp"

namespace rostrum::notification {
namespace {

using Status = bus::CommandResult::Status;

class RetentionTest : public World {
 protected:
  static constexpr Milliseconds kKeep = std::chrono::days(90);

  /// A notice to all members, each with its end; done so many days ago.
  std::string done(int days_ago, Status status = Status::kDone) {
    const auto notice = publish(to_all());
    expand_all();
    settle(claim(), status, status == Status::kFailed ? "invalid-text" : "");
    sweep();
    database->run("UPDATE notification.notice SET done_at = now() - interval '" + std::to_string(days_ago) +
                  " days' WHERE id = '" + notice + "'");
    return notice;
  }
  Forgotten forget(const std::optional<Place>& from = std::nullopt, std::size_t most = 1'000) {
    Forgotten forgotten;
    transact([&](pqxx::transaction_base& tx) { forgotten = forget_some(tx, kKeep, from, most); });
    return forgotten;
  }
  /// Batch by batch, as long as there is something; how many batches.
  int forget_all(std::size_t most = 1'000) {
    int batches = 0;
    std::optional<Place> place;
    for (;; ++batches) {
      const auto forgotten = forget(place, most);
      EXPECT_FALSE(forgotten.refused);
      if (!forgotten.any) return batches;
      place = forgotten.next;
    }
  }
  [[nodiscard]] std::string rows(const std::string& notice) const {
    return database->value(
        "SELECT concat_ws(' ', (SELECT count(*) FROM notification.notice WHERE id = n.id), "
        "(SELECT count(*) FROM notification.delivery WHERE notice_id = n.id), "
        "(SELECT count(DISTINCT notice_id) FROM notification.progress WHERE notice_id = n.id)) "
        "FROM (VALUES ('" +
        notice + "'::uuid)) AS n (id)");
  }
  [[nodiscard]] std::string token_of(const std::string& notice, const std::string& member) const {
    return database->value("SELECT token FROM notification.delivery WHERE notice_id = '" + notice +
                           "' AND member_id = '" + member + "'");
  }
  /// As the operator would, so many days ago.
  void drop(const std::string& id, int days_ago) const {
    database->run("SELECT notification.drop_dead_letters(ARRAY['" + id + "'::uuid], 'olga')");
    const auto then = "now() - interval '" + std::to_string(days_ago) + " days'";
    database->run("UPDATE notification.delivery SET ended_at = " + then + " WHERE token = '" + id +
                  "'; UPDATE notification.notice SET dropped_at = " + then + " WHERE id = '" + id + "'");
  }
  /// A delivery could not be made, as long ago as the notice was done.
  void give_up(const std::string& notice) const {
    database->run(
        "UPDATE notification.notice SET given_up_at = done_at, reason = 'not-storable' WHERE id = '" +
        notice + "'");
  }
  /// As the service does once the database has refused it: some of the deliveries are there.
  void expand_apart_all() {
    log::Log log{"test", log::Format::kText, log::Level::kError};
    for (std::size_t notices = 1; notices > 0;)
      transact([&](pqxx::transaction_base& tx) { notices = expand_apart(tx, meter, log); });
  }
  void a_day_goes_by() const {
    database->run(
        "UPDATE notification.notice SET looked_through_at = looked_through_at - interval '25 hours'");
  }
};

TEST_F(RetentionTest, deletes_what_was_done_longer_ago_than_it_is_kept_and_nothing_else) {
  many_members(3);
  const auto old = done(91);
  const auto young = done(89);
  const auto under_way = publish(to_all());
  expand_all();
  database->run("UPDATE notification.notice SET published_at = now() - interval '1 year'");
  EXPECT_EQ(forget_all(), 1);
  EXPECT_EQ(rows(old), "0 0 0");
  EXPECT_EQ(rows(young), "1 3 1");
  EXPECT_EQ(rows(under_way), "1 3 1");
}

TEST_F(RetentionTest, takes_small_batches) {
  many_members(25);
  const auto first = done(100);
  const auto second = done(91);
  const auto batch = forget(std::nullopt, 10);
  EXPECT_EQ(batch.deliveries, 10U);
  EXPECT_EQ(batch.notices, 0U);
  EXPECT_EQ(rows(first), "1 15 1") << "the one that is done longest";
  EXPECT_EQ(forget_all(10), 5);
  EXPECT_EQ(rows(first), "0 0 0");
  EXPECT_EQ(rows(second), "0 0 0");
}

TEST_F(RetentionTest, leaves_dead_letters_and_their_notice_until_they_are_replayed) {
  many_members(2);
  const auto notice = done(91);
  database->run(
      "UPDATE notification.delivery SET state = 'failed', reason = 'gone', ended_at = now() - interval "
      "'91 days' WHERE member_id = 'm2'");
  forget_all();
  EXPECT_EQ(rows(notice), "1 1 1");
  EXPECT_EQ(database->value("SELECT concat_ws(' ', total, sent, failed) FROM notification.notices"), "2 1 1");
  database->run("SELECT notification.replay_dead_letters(ARRAY['" + token_of(notice, "m2") +
                "'::uuid], NULL)");
  settle(claim(), Status::kDone);
  sweep();
  a_day_goes_by();
  EXPECT_EQ(forget_all(), 0) << "its time begins anew";
  database->run("UPDATE notification.notice SET done_at = now() - interval '91 days'");
  forget_all();
  EXPECT_EQ(rows(notice), "0 0 0");
}

TEST_F(RetentionTest, deletes_what_was_dropped_once_that_is_as_long_ago) {
  many_members(2);
  const auto notice = done(200, Status::kFailed);
  drop(token_of(notice, "m1"), 91);
  drop(token_of(notice, "m2"), 89);
  forget_all();
  EXPECT_EQ(rows(notice), "1 1 1");
  EXPECT_EQ(forget_all(), 0) << "not before a day has gone by";
  a_day_goes_by();
  EXPECT_EQ(forget_all(), 1);
  EXPECT_EQ(rows(notice), "1 1 1");
  drop(token_of(notice, "m2"), 91);
  database->run("UPDATE notification.delivery SET ended_at = now() - interval '91 days'");
  a_day_goes_by();
  forget_all();
  EXPECT_EQ(rows(notice), "0 0 0");
}

TEST_F(RetentionTest,
       leaves_a_notice_that_is_a_dead_letter_itself_and_all_its_deliveries_until_it_was_dropped) {
  many_members(2);
  const auto notice = done(91);
  give_up(notice);
  forget_all();
  EXPECT_EQ(rows(notice), "1 2 1");
  EXPECT_EQ(database->value("SELECT count(*) FROM notification.dead_letters"), "1");
  drop(notice, 91);
  a_day_goes_by();
  forget_all();
  EXPECT_EQ(rows(notice), "0 0 0");
}

TEST_F(RetentionTest, leaves_what_tells_a_replay_of_the_notice_who_has_had_it) {
  many_members(3);
  const auto notice = done(91);
  database->run("DELETE FROM notification.delivery WHERE member_id = 'm2'");  // the one that was not storable
  give_up(notice);
  forget_all();
  database->run("SELECT notification.replay_dead_letters(ARRAY['" + notice + "'::uuid], '1 hour')");
  expand_apart_all();
  const auto again = claim();
  EXPECT_EQ(members_of(again), std::vector<std::string>{"m2"}) << "nobody a second time";
  settle(again, Status::kDone);
  sweep();
  database->run("UPDATE notification.notice SET done_at = now() - interval '91 days'");
  a_day_goes_by();
  forget_all();
  EXPECT_EQ(rows(notice), "0 0 0") << "replayed, it is as any other";
}

TEST_F(RetentionTest, puts_a_notice_that_cannot_be_deleted_behind_the_others) {
  many_members(1);
  const auto bad = done(100);
  const auto good = done(91);
  database->run(
      "CREATE FUNCTION notification.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
      "USING "
      "ERRCODE = 'XX001'; END $$; CREATE TRIGGER fail BEFORE DELETE ON notification.delivery FOR EACH ROW "
      "WHEN "
      "(old.notice_id = '" +
      bad + "') EXECUTE FUNCTION notification.fail()");
  EXPECT_TRUE(forget().refused);
  forget_all();
  EXPECT_EQ(rows(bad), "1 1 1");
  EXPECT_EQ(rows(good), "0 0 0");
}

TEST_F(RetentionTest, of_two_instances_looks_through_different_notices) {
  many_members(1);
  const auto first = done(100);
  const auto second = done(91);
  const auto other = database->connect("rostrum_notification");
  pqxx::work theirs(*other);
  EXPECT_EQ(forget_some(theirs, kKeep, std::nullopt, 10).notices, 1U);
  EXPECT_EQ(forget_all(), 1);
  EXPECT_EQ(rows(first), "1 1 1");
  EXPECT_EQ(rows(second), "0 0 0");
  theirs.commit();
  EXPECT_EQ(rows(first), "0 0 0");
}

}  // namespace
}  // namespace rostrum::notification
