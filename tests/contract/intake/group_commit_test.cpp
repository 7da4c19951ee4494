// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "tests/contract/intake/group_commit_fixture.hpp"

namespace rostrum::intake {
namespace {

TEST_F(GroupCommitTest, answers_accepted_once_the_rows_are_committed) {
  for (int i = 0; i < 500; ++i) publish("member " + std::to_string(i));
  wait_for_outcomes(500);
  EXPECT_EQ(site->count(Status::kAccepted), 500U);
  EXPECT_EQ(entries(), "500");
  EXPECT_EQ(ledger(), "500");
  EXPECT_EQ(database->value("SELECT count(*) FROM (SELECT subject, row_number() OVER (ORDER BY number) - 1 "
                            "AS place FROM public.entry) e "
                            "WHERE subject <> 'member ' || place"),
            "0")
      << "in the order in which they were published";
}

TEST_F(GroupCommitTest, gives_less_credit_while_the_database_is_slow_and_more_again_afterwards) {
  EXPECT_EQ(service->intake.flow().budget.items, bus::LinkLimits{}.window_total);
  std::atomic<bool> slow = true;
  service->domain.on_apply = [&] {
    if (slow) std::this_thread::sleep_for(std::chrono::milliseconds(1'500));
  };
  publish("anna");
  wait_for_outcomes(1);
  EXPECT_EQ(service->intake.flow().budget.items, 256U) << "a commit longer than the target of a second";
  slow = false;
  std::size_t published = 1;
  until("there is more again", [&] {
    for (; published < site->outcomes.size() + 100; ++published) publish("ben");
    return service->intake.flow().budget.items > 256U;
  });
  wait_for_outcomes(published);
}

TEST_F(GroupCommitTest, reads_on_its_own_thread_what_comes_while_a_batch_is_committed_and_keeps_the_order) {
  std::atomic<bool> held = true;
  service->domain.on_apply = [&] {
    while (held) std::this_thread::yield();
  };
  publish("member 0");
  for (int i = 1; i < 600; ++i) {
    publish("member " + std::to_string(i));
    if (i % 50 == 0) turn_for(std::chrono::milliseconds{1});
  }
  const auto bad = publish("bad");
  until("the rest waits", [&] { return service->intake.waiting() == 601; });
  turn_for(std::chrono::milliseconds{50});
  held = false;
  wait_for_outcomes(601);
  EXPECT_EQ(outcome_of(bad).status, Status::kRejected);
  EXPECT_LT(service->domain.commits, 20) << "what was read meanwhile goes together";
  EXPECT_EQ(database->value("SELECT count(*) FROM (SELECT subject, row_number() OVER (ORDER BY number) - 1 "
                            "AS place FROM public.entry) e "
                            "WHERE subject <> 'member ' || place"),
            "0");
}

TEST_F(GroupCommitTest, answers_duplicate_when_the_same_event_comes_again) {
  const auto id = publish("anna");
  wait_for_outcomes(1);
  ASSERT_EQ(site->offer(id, event_of(id, "anna")), bus::Offer::kTaken);
  wait_for_outcomes(2);
  EXPECT_EQ(outcome_of(id).status, Status::kDuplicate);
  EXPECT_EQ(entries(), "1");
}

TEST_F(GroupCommitTest, refuses_the_same_id_with_other_content) {
  const auto id = publish("anna");
  wait_for_outcomes(1);
  ASSERT_EQ(site->offer(id, event_of(id, "bob")), bus::Offer::kTaken);
  wait_for_outcomes(2);
  EXPECT_EQ(outcome_of(id).rejection_code, v1::REJECTION_CODE_ID_REUSED);
  EXPECT_EQ(database->rows("SELECT subject FROM public.entry"),
            (std::vector<std::vector<std::string>>{{"anna"}}));
}

TEST_F(GroupCommitTest, rejects_only_the_culprit_of_a_batch) {
  std::vector<EventId> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(publish(i == 37 || i == 81 ? "culprit" : "member"));
  wait_for_outcomes(100);
  EXPECT_EQ(site->count(Status::kAccepted), 98U);
  for (const auto culprit : {37U, 81U}) {
    EXPECT_EQ(outcome_of(ids[culprit]).rejection_code, v1::REJECTION_CODE_NOT_STORABLE);
    EXPECT_EQ(outcome_of(ids[culprit]).text, "no_culprit");
  }
  EXPECT_EQ(entries(), "98");
  EXPECT_EQ(ledger(), "98") << "rejections are not recorded";
}

TEST_F(GroupCommitTest, leaves_nothing_of_what_the_domain_rejects) {
  const auto bad = publish("bad");
  const auto unwanted = publish("unwanted");
  const auto good = publish("good");
  wait_for_outcomes(3);
  EXPECT_EQ(outcome_of(bad).rejection_code, v1::REJECTION_CODE_INVALID_FIELD);
  EXPECT_EQ(outcome_of(unwanted).rejection_code, v1::REJECTION_CODE_UNKNOWN_MEMBER);
  EXPECT_EQ(outcome_of(good).status, Status::kAccepted);
  EXPECT_EQ(ledger(), "1");
}

TEST_F(GroupCommitTest, tells_the_domain_after_the_commit_of_something_new_only) {
  const auto id = publish("anna");
  wait_for_outcomes(1);
  EXPECT_EQ(service->domain.commits, 1);
  ASSERT_EQ(site->offer(id, event_of(id, "anna")), bus::Offer::kTaken);
  publish("bad");
  wait_for_outcomes(3);
  EXPECT_EQ(service->domain.commits, 1);
}

TEST_F(GroupCommitTest, loses_and_doubles_nothing_when_the_database_is_killed_under_a_batch) {
  std::atomic<int> batches = 0;
  std::thread killer([&] {
    while (batches < 2) std::this_thread::sleep_for(Milliseconds(1));
    test::lab("postgres kill9");
    test::lab("postgres start");
  });
  service->domain.on_apply = [&] {
    if (++batches == 2)
      std::this_thread::sleep_for(Milliseconds(50));  // stay inside the transaction until the kill
  };
  for (int i = 0; i < 2'000; ++i) {
    if ((*site)->credit() == 0) until("there is credit", [&] { return (*site)->credit() > 0; });
    publish("member " + std::to_string(i));
    if (i % 100 == 0) turn_for(Milliseconds(2));
  }
  wait_for_outcomes(2'000);
  killer.join();
  // A batch whose commit was cut off from its answer is tried again, and found in the ledger.
  EXPECT_EQ(site->count(Status::kAccepted) + site->count(Status::kDuplicate), 2'000U);
  EXPECT_EQ(database->value("SELECT count(DISTINCT subject) || ' ' || count(*) FROM public.entry"),
            "2000 2000");
}

TEST_F(GroupCommitTest, closes_while_the_database_is_away) {
  test::lab("postgres stop");
  until("the intake is closed", [&] { return !service->open; });
  test::lab("postgres start");
  until("the intake is open", [&] { return service->open; });
  until("the site has credit", [&] { return (*site)->credit() > 0; });
  publish("anna");
  wait_for_outcomes(1);
  EXPECT_EQ(site->count(Status::kAccepted), 1U);
}

TEST_F(GroupCommitTest, finishes_what_is_at_hand_when_it_is_drained) {
  for (int i = 0; i < 50; ++i) publish("member");
  until("some have arrived", [&] { return service->intake.waiting() > 0; });
  service->commit.drain();
  until("it is idle", [&] { return service->commit.idle(); });
  EXPECT_FALSE(service->open);
  EXPECT_EQ(entries(), ledger());
}

TEST_F(GroupCommitTest, has_one_effect_when_two_instances_get_the_same_events_in_opposite_order) {
  std::vector<bus::ReceivedEvent> events;
  for (int i = 0; i < 400; ++i) {
    const auto id = EventId::make(clock_.wall(), random_);
    events.push_back({bus::PeerToken{}, id, "forum", "member_removed",
                      event_of(id, "member " + std::to_string(i)).SerializeAsString()});
  }
  auto reversed = events;
  std::reverse(reversed.begin(), reversed.end());
  const Ledger ledger_rows("registration");
  std::atomic<int> accepted = 0, duplicates = 0, failed = 0;
  const auto instance = [&](std::vector<bus::ReceivedEvent> received) {
    TableDomain domain;
    const auto connection = database->connect("rostrum_registration");
    for (std::size_t begin = 0; begin < received.size(); begin += 40) {
      Batch batch({received.begin() + static_cast<std::ptrdiff_t>(begin),
                   received.begin() + static_cast<std::ptrdiff_t>(begin) + 40});
      try {
        pqxx::work tx(*connection);
        PgEventStore store(tx, ledger_rows, domain);
        const auto verdicts = batch.commit(store, {0, 40});
        tx.commit();
        for (const auto& verdict : verdicts)
          ++(verdict.status == Verdict::Status::kAccepted ? accepted : duplicates);
      } catch (const std::exception&) {
        ++failed;
      }
    }
  };
  std::thread one(instance, events), other(instance, reversed);
  one.join();
  other.join();
  EXPECT_EQ(failed, 0) << "no deadlock";
  EXPECT_EQ(accepted, 400);
  EXPECT_EQ(duplicates, 400);
  EXPECT_EQ(entries(), "400");
}

TEST_F(GroupCommitTest, lets_instances_take_turns_with_the_events_of_a_source) {
  const Ledger ledger_rows("registration", true);
  const auto one = database->connect("rostrum_registration");
  const auto other = database->connect("rostrum_registration");
  const auto identity = [&](const std::string& source) {
    return Identity{EventId::make(clock_.wall(), random_), source, std::string(16, 'd')};
  };
  const auto enters_without_waiting = [&](const std::string& source) {
    pqxx::work tx(*other);
    tx.exec0("SET LOCAL lock_timeout = '100ms'");
    try {
      return ledger_rows.enter(tx, std::vector{identity(source)}).front() == Ledger::Entry::kNew;
    } catch (const pqxx::sql_error&) {
      return false;
    }
  };
  pqxx::work tx(*one);
  const auto entered = ledger_rows.enter(tx, std::vector{identity("forum"), identity("blog")});
  EXPECT_THAT(entered, testing::Each(Ledger::Entry::kNew));
  EXPECT_FALSE(enters_without_waiting("forum"));
  EXPECT_FALSE(enters_without_waiting("blog"));
  EXPECT_TRUE(enters_without_waiting("shop"));
  tx.commit();
  EXPECT_TRUE(enters_without_waiting("forum"));
}

}  // namespace
}  // namespace rostrum::intake
