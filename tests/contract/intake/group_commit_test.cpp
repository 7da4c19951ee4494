// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/intake/group_commit.hpp"

#include <algorithm>
#include <atomic>
#include <pqxx/pqxx>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/intake/pg_event_store.hpp"
#include "tests/contract/bus/bus_fixture.hpp"
#include "tests/support/database/database.hpp"

namespace rostrum::intake {
namespace {

using bus::EventOutcome;
using Status = EventOutcome::Status;

/// Writes each event's subject into a table that refuses "culprit"; rejects some itself.
class TableDomain final : public Domain {
 public:
  [[nodiscard]] std::optional<Rejection> check(const IntakeEvent& event) const override {
    if (event.event.subject().empty() || event.event.subject() == "bad")
      return Rejection{v1::REJECTION_CODE_INVALID_FIELD, "bad"};
    return std::nullopt;
  }
  [[nodiscard]] std::vector<std::optional<Rejection>> apply(pqxx::transaction_base& tx,
                                                            IntakeEvents events) override {
    std::vector<std::optional<Rejection>> rejections;
    for (const auto* event : events) {
      if (event->event.subject() == "unwanted") {
        rejections.emplace_back(Rejection{v1::REJECTION_CODE_UNKNOWN_MEMBER, "unwanted"});
        continue;
      }
      rejections.emplace_back();
      tx.exec_params("INSERT INTO public.entry (subject) VALUES ($1)", event->event.subject());
    }
    if (on_apply) on_apply();
    return rejections;
  }
  [[nodiscard]] Rejection explain(const std::string&, const std::string& constraint,
                                  const std::string&) const override {
    return {v1::REJECTION_CODE_NOT_STORABLE, constraint};
  }
  void committed() override { ++commits; }

  std::function<void()> on_apply;
  int commits = 0;
};

class GroupCommitTest : public bus::test::BusTest {
 protected:
  void SetUp() override {
    if (!test::has_database()) GTEST_SKIP() << "no PostgreSQL: run by deploy/lab/with_lab.py";
    database.emplace();
    database->run(
        "CREATE TABLE public.entry (number bigserial, subject text CONSTRAINT no_culprit CHECK (subject <> "
        "'culprit'));"
        "GRANT USAGE ON SCHEMA public TO rostrum_registration; GRANT ALL ON public.entry, "
        "public.entry_number_seq TO rostrum_registration");
    const auto own = admit("forum", "member_removed");
    service.emplace(*this);
    site.emplace(reactor_, random_, connect_settings({service->intake.endpoint()}, own));
    until("the intake is open", [&] { return (*site)->credit() > 0; });
  }

  /// An intake on a database, as a service has it.
  struct Service {
    explicit Service(GroupCommitTest& test)
        : intake(test.reactor_, test.random_, *test.authenticator_, test.bind_settings(), {"member_removed"},
                 {.on_gathered = [this] { commit.kick(); }}),
          worker(test.reactor_, "test intake", {test.database->conninfo("rostrum_registration"), Secret()},
                 {.on_up = [this] { commit.database_up(); },
                  .on_down = [this](const std::string&) { commit.database_down(); }}),
          commit(test.reactor_, intake, worker, domain,
                 {.schema = "registration", .on_open = [this](bool is_open) { open = is_open; }},
                 test.random_, registry, log) {}

    metrics::Registry registry;
    log::Log log{"test", log::Format::kText, log::Level::kError};
    TableDomain domain;
    bus::EventIntake intake;
    bool open = false;
    pg::Worker worker;
    GroupCommit commit;
  };

  v1::Event event_of(const EventId& id, const std::string& subject) {
    v1::Event event;
    event.set_id(id.to_bytes());
    event.set_subject(subject);
    event.mutable_member_removed();
    return event;
  }
  EventId publish(const std::string& subject) {
    const auto id = EventId::make(clock_.wall(), random_);
    EXPECT_EQ(site->offer(id, event_of(id, subject)), bus::Offer::kTaken);
    return id;
  }
  void wait_for_outcomes(std::size_t count) {
    until("all have their outcome", [&] { return site->outcomes.size() >= count; });
  }
  [[nodiscard]] EventOutcome outcome_of(const EventId& id) const {
    const auto found = std::find_if(site->outcomes.rbegin(), site->outcomes.rend(),
                                    [&](const auto& outcome) { return outcome.id == id; });
    EXPECT_NE(found, site->outcomes.rend());
    return found == site->outcomes.rend() ? EventOutcome{id, Status::kRejected, -1, "none"} : *found;
  }
  [[nodiscard]] std::string entries() const { return database->value("SELECT count(*) FROM public.entry"); }
  /// From now on the database fails by this at entries with this subject.
  void fails(const std::string& sqlstate, const std::string& subject) {
    database->run(
        "CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'by the "
        "test' USING ERRCODE = '" +
        sqlstate +
        "'; END $$; CREATE TRIGGER fail BEFORE INSERT ON public.entry FOR EACH ROW WHEN (new.subject LIKE '" +
        subject + "') EXECUTE FUNCTION public.fail()");
  }
  void is_mended() { database->run("DROP TRIGGER fail ON public.entry"); }
  [[nodiscard]] std::string ledger() const {
    return database->value("SELECT count(*) FROM registration.ledger");
  }

  std::optional<test::Database> database;
  std::optional<Service> service;
  std::optional<bus::test::Site> site;
};

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
  fails("57014", "%");
  for (int i = 0; i < 3; ++i) publish("member");
  turn_for(Milliseconds(4'000));
  EXPECT_EQ(site->outcomes.size(), 1U);
  is_mended();
  wait_for_outcomes(4);
  EXPECT_EQ(site->count(Status::kAccepted), 4U);
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
