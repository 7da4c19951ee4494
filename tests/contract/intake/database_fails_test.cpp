// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/intake/group_commit_fixture.hpp"

namespace rostrum::intake {
namespace {

TEST_F(GroupCommitTest, rejects_only_the_event_that_always_meets_damage) {
  fails("XX001", "doubtful");
  std::vector<EventId> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(publish(i == 37 ? "doubtful" : "member"));
  wait_for_outcomes(100);
  EXPECT_EQ(site->count(Status::kAccepted), 99U);
  EXPECT_EQ(outcome_of(ids[37]).rejection_code, v1::REJECTION_CODE_NOT_STORABLE);
  EXPECT_EQ(entries(), "99") << "and nothing of a witness";
  EXPECT_EQ(ledger(), "99");
}

TEST_F(GroupCommitTest, rejects_nothing_for_want_of_time_and_takes_nothing_more) {
  publish("anna");
  wait_for_outcomes(1);
  fails("57014", "doubtful");
  for (const auto* subject : {"ben", "doubtful", "carla"}) publish(subject);
  until("the intake is closed", [&] { return !service->open; });
  until("the site has heard of it", [&] { return (*site)->credit() == 0; });
  EXPECT_EQ(site->count(Status::kRejected), 0U);
  is_mended();
  wait_for_outcomes(4);
  EXPECT_EQ(site->count(Status::kAccepted), 4U);
  until("the intake is open", [&] { return service->open; });
}

TEST_F(GroupCommitTest, takes_nothing_more_while_a_commit_does_not_end) {
  publish("anna");
  wait_for_outcomes(1);
  const auto other = database->connect("postgres");
  pqxx::work lock(*other);  // as an index that is being built holds it
  lock.exec0("SET idle_in_transaction_session_timeout = 0");
  lock.exec0("LOCK TABLE public.entry IN SHARE MODE");
  publish("ben");
  until("the intake is closed", [&] { return !service->open; });
  EXPECT_EQ(site->outcomes.size(), 1U);
  lock.abort();
  wait_for_outcomes(2);
  EXPECT_EQ(site->count(Status::kAccepted), 2U);
  until("the intake is open", [&] { return service->open; });
}

TEST_F(GroupCommitTest, rejects_nothing_while_the_database_fails_for_all) {
  publish("anna");
  wait_for_outcomes(1);
  std::size_t answered = 1;
  for (const auto* sqlstate : {"57014", "XX001"}) {
    fails(sqlstate, "%");
    for (int i = 0; i < 3; ++i) publish("member");
    turn_for(Milliseconds(4'000));
    EXPECT_EQ(site->outcomes.size(), answered) << sqlstate;
    is_mended();
    wait_for_outcomes(answered += 3);
  }
  EXPECT_EQ(site->count(Status::kAccepted), answered);
}

TEST_F(GroupCommitTest, takes_more_again_when_what_took_too_long_is_refused_in_the_end) {
  const auto other = database->connect("postgres");
  pqxx::work lock(*other);
  lock.exec0("SET idle_in_transaction_session_timeout = 0");
  lock.exec0("LOCK TABLE public.entry IN SHARE MODE");
  publish("culprit");
  until("the intake is closed", [&] { return !service->open; });
  lock.abort();
  wait_for_outcomes(1);
  EXPECT_EQ(site->count(Status::kRejected), 1U);
  until("the intake is open", [&] { return service->open; });
  publish("anna");
  wait_for_outcomes(2);
}

TEST_F(GroupCommitTest, rejects_nothing_that_comes_for_a_day_without_a_partition_and_makes_it) {
  database->run(
      "DO $$ BEGIN EXECUTE (SELECT 'DROP TABLE ' || string_agg(inhrelid::regclass::text, ', ') FROM "
      "pg_inherits WHERE inhparent = 'registration.ledger'::regclass); END $$");
  for (int i = 0; i < 3; ++i) publish("member " + std::to_string(i));
  wait_for_outcomes(3);
  EXPECT_EQ(site->count(Status::kAccepted), 3U);
  EXPECT_EQ(ledger(), "3");
}

TEST_F(GroupCommitTest, waits_with_a_doubtful_event_until_there_is_another_to_compare_it_with) {
  fails("XX001", "doubtful");
  const auto doubtful = publish("doubtful");
  turn_for(Milliseconds(4'000));
  EXPECT_TRUE(site->outcomes.empty());
  EXPECT_TRUE(service->open);
  const auto unwanted = publish("unwanted");  // which writes nothing, and so proves nothing
  turn_for(Milliseconds(4'000));
  EXPECT_TRUE(site->outcomes.empty());
  const auto good = publish("anna");
  wait_for_outcomes(3);
  EXPECT_EQ(outcome_of(unwanted).rejection_code, v1::REJECTION_CODE_UNKNOWN_MEMBER);
  EXPECT_EQ(outcome_of(doubtful).rejection_code, v1::REJECTION_CODE_NOT_STORABLE);
  EXPECT_EQ(outcome_of(good).status, Status::kAccepted);
}

}  // namespace
}  // namespace rostrum::intake
