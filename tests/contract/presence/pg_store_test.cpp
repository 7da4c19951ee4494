// SPDX-License-Identifier: GPL-3.0-or-later
// What only a database can do: several transactions at once.
#include <algorithm>
#include <atomic>
#include <thread>

#include "services/presence/adapters/pg_presence_store.hpp"
#include "tests/contract/presence/world.hpp"

namespace rostrum::presence {
namespace {

using namespace test;

class PgStore : public World {
 protected:
  /// Whether somebody waits for a lock; looked at until so, or for too long.
  void wait_until_somebody_waits() const {
    const auto deadline = clock.mono() + std::chrono::seconds(20);
    while (
        database->value("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = "
                        "current_database()") == "0") {
      ASSERT_LT(clock.mono(), deadline) << "nobody waits";
      std::this_thread::yield();
    }
  }
};

TEST_F(PgStore, goes_by_the_clock_of_the_database) {
  pqxx::work tx(*connection);
  const auto now = PgPresenceStore(tx, clock).lock(kDomain).now;
  const auto then = WallTime(Milliseconds(
      tx.exec1("SELECT floor(date_part('epoch', clock_timestamp()) * 1000)::bigint")[0].as<std::int64_t>()));
  EXPECT_LE(now, then);
  EXPECT_GT(now, then - std::chrono::seconds(10));
}

TEST_F(PgStore, who_waited_for_the_lease_has_the_later_time) {
  claim('a');
  const auto other_connection = database->connect("rostrum_presence");
  WallTime waited{};
  std::optional<pqxx::work> first(*connection);
  (void)PgPresenceStore(*first, clock).lock(kDomain);
  std::thread other([&] {
    pqxx::work second(*other_connection);
    waited = PgPresenceStore(second, clock).lock(kDomain).now;
  });
  wait_until_somebody_waits();
  const auto last = first->exec1("SELECT floor(date_part('epoch', clock_timestamp()) * 1000)::bigint")[0]
                        .as<std::int64_t>();
  first->commit();
  first.reset();
  other.join();
  EXPECT_GE(waited.time_since_epoch().count(), last);
}

TEST_F(PgStore, of_two_who_claim_a_domain_first_one_has_it) {
  const auto other_connection = database->connect("rostrum_presence");
  Decision second{};
  std::optional<pqxx::work> tx(*connection);
  PgPresenceStore store(*tx, clock);
  ASSERT_EQ(
      take_claim(store, kDomain, {"one", *Uuid::from_bytes(std::string(16, 'a'))}, clock.mono(), kLength)
          .outcome,
      Decision::Outcome::kGranted);
  std::thread other([&] {
    pqxx::work other_tx(*other_connection);
    PgPresenceStore other_store(other_tx, clock);
    second = take_claim(other_store, kDomain, {"two", *Uuid::from_bytes(std::string(16, 'b'))}, clock.mono(),
                        kLength);
    other_tx.commit();
  });
  wait_until_somebody_waits();
  tx->commit();
  other.join();
  EXPECT_EQ(second.outcome, Decision::Outcome::kRefused);
  EXPECT_EQ(second.lease.value().owner, "one");
}

TEST_F(PgStore, two_instances_with_the_same_frames_store_each_observation_once) {
  constexpr std::size_t kFrames = 40;
  constexpr std::size_t kPerFrame = 25;
  claim('a');
  tell({snapshot_began()});  // number 1
  std::vector<Told> frames(kFrames);
  for (std::size_t n = 0; n < kFrames * kPerFrame; ++n) {
    const auto name = "member" + std::to_string(n % 50) + "/desk";
    frames[n / kPerFrame].emplace_back(n / 50 % 2 == 0 ? available(name) : unavailable(name));
  }
  // Each instance has all of them, and takes so many at once.
  const auto instance = [&](std::size_t at_once) {
    const auto own = database->connect("rostrum_presence");
    for (std::size_t next = 0; next < kFrames;) {
      std::vector<Frame> some;
      for (auto i = next; i < std::min(next + at_once, kFrames); ++i)
        some.push_back({1, static_cast<std::int64_t>(i * kPerFrame + 2), frames[i], clock.mono()});
      pqxx::work tx(*own);
      PgPresenceStore store(tx, clock);
      const auto recorded = record(store, kDomain, some);
      tx.commit();
      EXPECT_EQ(recorded.answers.back().verdict, Verdict::kStored);
      next = static_cast<std::size_t>(recorded.answers.back().last_sequence) / kPerFrame;
    }
  };
  std::thread one(instance, 1);
  std::thread other(instance, 3);
  one.join();
  other.join();
  EXPECT_EQ(database->value("SELECT last_sequence FROM presence.lease"), "1001");
  EXPECT_EQ(database->rows("SELECT count(*), count(DISTINCT change), max(change) FROM presence.transition"),
            (Rows{{"1000", "1000", "1000"}}));
  EXPECT_EQ(database->value(
                "SELECT count(*) FROM presence.session AS a JOIN presence.session AS b USING (jid, resource) "
                "WHERE a.change < b.change AND a.ended_at > b.began_at"),
            "0");
}

}  // namespace
}  // namespace rostrum::presence
