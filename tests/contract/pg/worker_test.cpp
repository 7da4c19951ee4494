// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/pg/worker.hpp"

#include <atomic>
#include <pqxx/pqxx>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/database/database.hpp"

namespace rostrum::pg {
namespace {

class WorkerTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::has_database()) GTEST_SKIP() << "no PostgreSQL: run by deploy/lab/with_lab.py";
    database = std::make_unique<test::Database>(false);
    database->run("CREATE TABLE public.entry (number integer PRIMARY KEY CHECK (number < 1000))");
    // A test that waits for what does not come ends here.
    guard.start(Milliseconds(30'000), [this] {
      ADD_FAILURE() << "30 s went by";
      reactor.stop();
    });
  }

  std::unique_ptr<Worker> make_worker() {
    Worker::Handlers handlers;
    handlers.on_up = [this] {
      ++ups;
      if (on_up) on_up();
    };
    handlers.on_down = [this](const std::string&) {
      ++downs;
      if (on_down) on_down();
    };
    handlers.on_trouble = [this](const Failure&) { ++troubles; };
    handlers.on_relief = [this] { ++reliefs; };
    return std::make_unique<Worker>(reactor, "test worker",
                                    Settings{database->conninfo("postgres"), Secret()}, std::move(handlers));
  }

  /// Runs a statement that fails each time; how often it was run, and the error.
  std::pair<int, std::optional<DbError>> run_in_vain(Worker& worker, const std::string& statement) {
    std::atomic<int> runs = 0;
    std::optional<DbError> error;
    worker.submit<int>(
        [&, statement](pqxx::transaction_base& tx) {
          ++runs;
          tx.exec(statement);
          return 0;
        },
        [&](Result<int, DbError> result) {
          if (!result) error = result.error();
          reactor.stop();
        });
    reactor.run();
    return {runs, error};
  }
  static std::string raise(const std::string& sqlstate) {
    return "DO $$ BEGIN RAISE EXCEPTION 'by the test' USING ERRCODE = '" + sqlstate + "'; END $$";
  }

  /// Inserts a number and stops the reactor.
  void insert(Worker& worker, int number) {
    worker.submit<int>(
        [number](pqxx::transaction_base& tx) {
          tx.exec_params("INSERT INTO public.entry VALUES ($1) ON CONFLICT DO NOTHING", number);
          return number;
        },
        [this](Result<int, DbError> result) {
          EXPECT_TRUE(result);
          reactor.stop();
        });
  }

  std::string count() { return database->value("SELECT count(*) FROM public.entry"); }

  SystemClock clock;
  bus::Reactor reactor{clock};
  bus::Timer guard{reactor};
  std::unique_ptr<test::Database> database;
  int ups = 0;
  int downs = 0;
  int troubles = 0;
  int reliefs = 0;
  std::function<void()> on_up, on_down;
};

TEST_F(WorkerTest, commits_what_a_job_wrote_and_hands_its_value_to_the_reactor) {
  const auto worker = make_worker();
  insert(*worker, 1);
  EXPECT_EQ(worker->queued(), 1U);
  reactor.run();
  EXPECT_EQ(worker->queued(), 0U);
  EXPECT_EQ(count(), "1");
  EXPECT_EQ(ups, 1);
}

TEST_F(WorkerTest, sets_the_session_as_all_of_rostrum_wants_it) {
  const auto worker = make_worker();
  worker->submit<std::string>(
      [](pqxx::transaction_base& tx) {
        return tx
            .exec1(
                "SELECT concat_ws(' ', current_setting('synchronous_commit'), "
                "current_setting('statement_timeout'), current_setting('lock_timeout'), "
                "current_setting('idle_in_transaction_session_timeout'), current_setting('search_path'), "
                "current_setting('application_name'))")[0]
            .as<std::string>();
      },
      [this](Result<std::string, DbError> result) {
        EXPECT_EQ(result.value(), "on 20s 10s 5s pg_catalog test worker");
        reactor.stop();
      });
  reactor.run();
}

TEST_F(WorkerTest, tells_what_the_data_broke_and_leaves_nothing_behind) {
  const auto worker = make_worker();
  worker->submit<int>(
      [](pqxx::transaction_base& tx) {
        tx.exec("INSERT INTO public.entry VALUES (1)");
        tx.exec("INSERT INTO public.entry VALUES (1000)");
        return 0;
      },
      [this](Result<int, DbError> result) {
        EXPECT_EQ(result.error().sqlstate, "23514");
        EXPECT_EQ(result.error().constraint, "entry_number_check");
        EXPECT_EQ(result.error().text.find("1000"), std::string::npos)
            << "row values stay in the database: " << result.error().text;
        reactor.stop();
      });
  reactor.run();
  EXPECT_EQ(count(), "0");
}

TEST_F(WorkerTest, comes_back_after_a_restart_that_it_noticed_while_idle) {
  const auto worker = make_worker();
  on_down = [this] { reactor.stop(); };
  insert(*worker, 1);
  reactor.run();
  test::lab("postgres restart");
  reactor.run();
  EXPECT_EQ(downs, 1);
  insert(*worker, 2);
  reactor.run();
  EXPECT_EQ(ups, 2);
  EXPECT_EQ(count(), "2");
}

TEST_F(WorkerTest, runs_a_job_again_whose_server_was_killed_under_it) {
  const auto worker = make_worker();
  std::atomic<int> runs = 0;
  std::atomic<bool> inside = false;
  std::thread killer([&] {
    while (!inside) std::this_thread::sleep_for(Milliseconds(5));
    test::lab("postgres kill9");
    test::lab("postgres start");
  });
  worker->submit<int>(
      [&](pqxx::transaction_base& tx) {
        tx.exec("INSERT INTO public.entry VALUES (7) ON CONFLICT DO NOTHING");
        inside = true;
        if (++runs == 1) tx.exec("SELECT pg_sleep(10)");
        return 0;
      },
      [this](Result<int, DbError> result) {
        EXPECT_TRUE(result);
        reactor.stop();
      });
  reactor.run();
  killer.join();
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(count(), "1");
}

TEST_F(WorkerTest, waits_for_a_missing_table_instead_of_refusing_the_data) {
  const auto worker = make_worker();
  on_down = [this] { database->run("CREATE TABLE public.later ()"); };
  worker->submit<int>(
      [](pqxx::transaction_base& tx) {
        tx.exec("SELECT * FROM public.later");
        return 0;
      },
      [this](Result<int, DbError> result) {
        EXPECT_TRUE(result);
        reactor.stop();
      });
  reactor.run();
  EXPECT_EQ(downs, 1);
}

TEST_F(WorkerTest, answers_what_takes_too_long_each_time_and_goes_on_with_the_next) {
  const auto worker = make_worker();
  const auto [runs, error] =
      run_in_vain(*worker, "SET LOCAL statement_timeout = '20ms'; SELECT pg_sleep(10)");
  EXPECT_EQ(runs, 3);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->sqlstate, "57014");
  EXPECT_EQ(error->fault, Fault::kLoad);
  EXPECT_EQ(troubles, 3);
  EXPECT_EQ(reliefs, 0);
  EXPECT_EQ(downs, 0);
  insert(*worker, 1);
  reactor.run();
  EXPECT_EQ(reliefs, 1);
}

TEST_F(WorkerTest, answers_what_hits_damage_each_time) {
  const auto worker = make_worker();
  const auto [runs, error] = run_in_vain(*worker, raise("XX001"));
  EXPECT_EQ(runs, 3);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->fault, Fault::kDamage);
}

TEST_F(WorkerTest, answers_what_is_the_victim_of_a_deadlock_each_time) {
  const auto worker = make_worker();
  const auto [runs, error] = run_in_vain(*worker, raise("40P01"));
  EXPECT_EQ(runs, 20);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->fault, Fault::kLoad);
}

TEST_F(WorkerTest, runs_the_victim_of_a_deadlock_again) {
  database->run("INSERT INTO public.entry VALUES (1), (2)");
  const auto one = make_worker();
  const auto other = make_worker();
  std::atomic<int> inside = 0;
  int ended = 0;
  const auto lock_both = [&](Worker& worker, int first, int second) {
    worker.submit<int>(
        [&inside, first, second](pqxx::transaction_base& tx) {
          tx.exec_params("SELECT * FROM public.entry WHERE number = $1 FOR UPDATE", first);
          ++inside;
          while (inside < 2) std::this_thread::sleep_for(Milliseconds(1));
          tx.exec_params("SELECT * FROM public.entry WHERE number = $1 FOR UPDATE", second);
          return 0;
        },
        [&](Result<int, DbError> result) {
          EXPECT_TRUE(result);
          if (++ended == 2) reactor.stop();
        });
  };
  lock_both(*one, 1, 2);
  lock_both(*other, 2, 1);
  reactor.run();
  EXPECT_EQ(inside, 3);  // one of the two was run again
  EXPECT_EQ(downs, 0);
}

TEST_F(WorkerTest, brings_a_job_s_own_exception_out_of_the_reactor) {
  const auto worker = make_worker();
  worker->submit<int>([](pqxx::transaction_base&) -> int { throw std::logic_error("a mistake of ours"); },
                      [](Result<int, DbError>) { FAIL(); });
  EXPECT_THROW(reactor.run(), std::logic_error);
}

TEST_F(WorkerTest, drops_jobs_and_calls_nothing_after_its_end) {
  auto worker = make_worker();
  for (int number = 0; number < 100; ++number) {
    worker->submit<int>([](pqxx::transaction_base&) { return 0; }, [](Result<int, DbError>) { FAIL(); });
  }
  worker.reset();
  bus::Timer later(reactor);
  later.start(Milliseconds(20), [this] { reactor.stop(); });
  reactor.run();
}

/// The lab's PostgreSQL stands still meanwhile, its connections open.
struct Paused {
  Paused() { test::lab("postgres pause"); }
  ~Paused() { test::lab("postgres resume"); }
  Paused(const Paused&) = delete;
  Paused& operator=(const Paused&) = delete;
};

/// A service has five seconds for its whole end.
void expect_ends_within_a_second(std::unique_ptr<Worker> worker) {
  const auto began = SystemClock().mono();
  worker.reset();
  EXPECT_LT(SystemClock().mono() - began, Milliseconds(1'000));
}

TEST_F(WorkerTest, ends_at_once_when_the_database_stands_still_under_a_job) {
  auto worker = make_worker();
  std::atomic<bool> has_begun = false;
  std::atomic<bool> goes_on = false;
  worker->submit<int>(
      [&](pqxx::transaction_base& tx) {
        has_begun = true;
        has_begun.notify_one();
        goes_on.wait(false);
        tx.exec("SELECT 1");
        return 0;
      },
      [](Result<int, DbError>) { FAIL(); });
  has_begun.wait(false);
  const Paused paused;
  goes_on = true;
  goes_on.notify_one();
  expect_ends_within_a_second(std::move(worker));
}

TEST_F(WorkerTest, ends_at_once_when_the_database_stands_still_while_it_connects) {
  const Paused paused;
  auto worker = make_worker();
  bus::Timer later(reactor);
  later.start(Milliseconds(200), [this] { reactor.stop(); });
  reactor.run();
  expect_ends_within_a_second(std::move(worker));
}

}  // namespace
}  // namespace rostrum::pg
