// SPDX-License-Identifier: GPL-3.0-or-later
// Several instances of the service on one database: no deadlock, nothing twice.
#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "common/intake/ledger.hpp"
#include "common/pg/failure.hpp"
#include "tests/contract/registration/stores.hpp"

namespace rostrum::registration {
namespace {

constexpr int kMembers = 300;
constexpr int kInstances = 3;

class Instances : public Stores {
 protected:
  /// One instance's thread: claims, and settles what it claimed or dies with it, until all is done.
  void work(std::uint64_t seed) {
    const auto own_connection = database->connect("rostrum_registration");
    AccountStore own(dead_letters);
    SeededRandom chance(seed);
    while (!all_done()) {
      pqxx::work claiming(*own_connection);
      const auto works = own.claim(claiming, 1 + chance.below(20), Milliseconds(50));
      claiming.commit();
      begin(works);
      const auto fate = chance.below(4);
      if (fate == 0) continue;  // it died: who holds it gives it back by itself
      std::vector<dispatch::Finished<AccountWork>> finished;
      for (const auto& work : works) finished.push_back({work, result_of(work, fate)});
      pqxx::work settling(*own_connection);
      own.settle(settling, finished);
      settling.commit();
    }
  }
  /// What the Jabber server does under a claim has one effect, however often it is asked.
  void begin(const std::vector<AccountWork>& works) {
    const std::lock_guard lock(mutex_);
    for (const auto& work : works) {
      attempts_seen_ += attempts_.emplace(work.jid, work.attempt.number).second ? 0 : 1;
      claims_[work.jid].insert(work.attempt.claim);
    }
  }
  static bus::CommandResult result_of(const AccountWork& work, std::uint64_t fate) {
    if (work.jid.starts_with("m7")) return {Status::kFailed, "conflict", "", {}};
    if (fate == 1) return {Status::kRetry, "busy", "", {}};
    return {Status::kDone, "", "", {}};
  }
  static std::vector<intake::Identity> identities(const std::vector<intake::IntakeEvent>& events) {
    std::vector<intake::Identity> all;
    for (const auto& event : events) all.push_back({event.id, event.source, std::string(16, 'd')});
    return all;
  }
  [[nodiscard]] bool all_done() const {
    return database->value(
               "SELECT count(*) FROM registration.account WHERE state IN ('requested', 'attempting')") == "0";
  }

  std::mutex mutex_;
  std::set<std::pair<std::string, std::int64_t>> attempts_;
  std::map<std::string, std::set<Uuid>> claims_;
  int attempts_seen_ = 0;  // twice
};

TEST_F(Instances, share_the_work_settle_at_once_and_die_in_between_and_everything_ends_once) {
  std::vector<intake::IntakeEvent> events;
  for (int i = 0; i < kMembers; ++i) events.push_back(member("m" + std::to_string(i), 1));
  commit(events);
  std::vector<std::thread> threads;
  for (int i = 0; i < kInstances; ++i)
    threads.emplace_back([this, i] { work(static_cast<std::uint64_t>(i) + 1); });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(attempts_seen_, 0) << "no attempt was handed out twice";
  for (const auto& [jid, claims] : claims_) EXPECT_EQ(claims.size(), 1U) << jid;
  EXPECT_EQ(claims_.size(), static_cast<std::size_t>(kMembers));
  EXPECT_EQ(database->rows("SELECT state, count(*) FROM registration.account GROUP BY state ORDER BY 1"),
            (Rows{{"active", std::to_string(kMembers - 11)}, {"dead", "11"}}));
  EXPECT_EQ(database->value("SELECT count(*) FROM registration.dead_letters"), "11");
}

TEST_F(Instances, that_get_the_same_events_in_opposite_order_neither_deadlock_nor_double) {
  std::vector<intake::IntakeEvent> forth, back;
  for (int i = 0; i < 100; ++i) {
    forth.push_back(
        member("m" + std::to_string(i), 1, {"g" + std::to_string(i % 7)}, i % 2 == 0 ? "forum" : "shop"));
    forth.back().event.mutable_member_upserted()->set_jid("m" + std::to_string(i) + "@example.org");
  }
  back.assign(forth.rbegin(), forth.rend());
  std::atomic<int> deadlocks = 0;
  const intake::Ledger ledger("registration", true);
  {
    pqxx::work tx(*connection);
    ledger.keep(tx, std::chrono::hours(24), clock.wall());
    tx.commit();
  }
  const auto intake = [&](const std::vector<intake::IntakeEvent>& events) {
    const auto own_connection = database->connect("rostrum_registration");
    metrics::Registry own_registry;
    DirectoryDomain own(JidRules{{"example.org"}, {}}, sealing.duplicate(), own_registry, log, [] {});
    for (int round = 0; round < 20; ++round) {
      try {
        pqxx::work tx(*own_connection);
        (void)ledger.enter(tx, identities(events));
        for (const auto& rejection : own.apply(tx, test::all_of(events)))
          EXPECT_FALSE(rejection) << rejection->text;
        tx.commit();
      } catch (const pqxx::sql_error&) {
        deadlocks += pg::read_failure(std::current_exception()).remedy == pg::Remedy::kAgainNow ? 1 : 100;
      }
    }
  };
  std::thread one(intake, forth), other(intake, back);
  one.join();
  other.join();
  EXPECT_EQ(deadlocks, 0);
  EXPECT_EQ(database->value("SELECT count(*) FROM registration.account"), "100");
  EXPECT_EQ(database->value("SELECT count(*) FROM directory.member_group"), "100");
  EXPECT_EQ(database->value("SELECT max(generation) FROM registration.account"), "1")
      << "a repeat changes nothing";
}

TEST_F(Instances, and_two_operators_who_replay_the_same_meanwhile_lose_and_double_nothing) {
  std::vector<intake::IntakeEvent> events;
  for (int i = 0; i < 100; ++i) events.push_back(member("m" + std::to_string(i), 1));
  commit(events);
  settle(claim(), Status::kFailed, "conflict");
  ASSERT_EQ(database->value("SELECT count(*) FROM registration.dead_letters"), "100");
  const auto ids = database->value("SELECT array_agg(id) FROM registration.dead_letters");
  std::atomic<int> replayed = 0;
  const auto replays = [&] {
    const auto as_operator = database->connect("rostrum_operator");
    pqxx::work tx(*as_operator);
    for (const auto& row :
         tx.exec_params("SELECT outcome FROM registration.replay_dead_letters($1::uuid[])", ids))
      replayed += std::string(row[0].c_str()) == "replayed" ? 1 : 0;
    tx.commit();
  };
  // One works while they do; with all dead it ends at once, so it begins anew until there is nothing to
  // replay.
  std::thread one(replays), other(replays), claimer([&] {
    while (replayed < 100) work(9);
  });
  one.join();
  other.join();
  EXPECT_EQ(replayed, 100) << "each by one of the two";
  replayed = 100;
  claimer.join();
  work(10);
  EXPECT_EQ(database->value("SELECT count(*) FROM registration.account WHERE state IN ('active', 'dead')"),
            "100");
}

}  // namespace
}  // namespace rostrum::registration
