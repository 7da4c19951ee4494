// SPDX-License-Identifier: GPL-3.0-or-later
// One body of tests, against the twin in memory and against PostgreSQL.
#include <functional>
#include <pqxx/pqxx>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/presence/adapters/pg_presence_store.hpp"
#include "services/presence/core/transactions.hpp"
#include "tests/contract/presence/pg_tables.hpp"
#include "tests/support/presence/simulation.hpp"

namespace rostrum::presence {
namespace {

using namespace test;
using std::chrono::seconds;
using Act = std::function<void(PresenceStore&)>;

constexpr auto kLength = Milliseconds(10'000);

class InMemory {
 public:
  static bool is_there() { return true; }
  explicit InMemory(const Clock& clock) : store_(clock) {}
  void within(const Act& act) { act(store_); }
  [[nodiscard]] Tables tables() const { return store_.tables; }

 private:
  FakePresenceStore store_;
};

class InPostgres {
 public:
  static bool is_there() { return rostrum::test::has_database(); }
  explicit InPostgres(const Clock& clock) : clock_(clock) {}
  void within(const Act& act) {
    pqxx::work tx(*connection_);
    PgPresenceStore store(tx, clock_);
    StoreAtTestTime at_test_time(store, clock_);
    act(at_test_time);
    tx.commit();
  }
  [[nodiscard]] Tables tables() const { return read_tables(database_); }

 private:
  const Clock& clock_;
  rostrum::test::Database database_;
  std::shared_ptr<pqxx::connection_base> connection_ = database_.connect("rostrum_presence");
};

Uuid token(char which) {
  return *Uuid::from_bytes(std::string(16, which));
}

template <class Place>
class Store : public testing::Test {
 protected:
  using Told = std::vector<std::optional<Observation>>;

  void SetUp() override {
    if (!Place::is_there()) GTEST_SKIP() << "no PostgreSQL: run by deploy/lab/with_lab.py";
    place.emplace(clock);
  }

  Decision claim(char which, const std::string& domain = kDomain) {
    Decision decision;
    place->within([&](PresenceStore& store) {
      decision =
          take_claim(store, domain, {std::string("gateway ") + which, token(which)}, clock.mono(), kLength);
    });
    return decision;
  }
  bool release(std::int64_t epoch) {
    bool released = false;
    place->within([&](PresenceStore& store) { released = take_release(store, kDomain, epoch); });
    return released;
  }
  Answer tell(std::int64_t epoch, std::int64_t first, const Told& told, const std::string& domain = kDomain) {
    Answer answer{};
    const Frame frame{epoch, first, told, clock.mono()};
    place->within([&](PresenceStore& store) { answer = record(store, domain, {&frame, 1}).answers.at(0); });
    return answer;
  }
  /// What follows, by the owner.
  void tell(const Told& told) {
    const auto lease = this->lease();
    EXPECT_EQ(tell(lease.epoch, lease.last_sequence + 1, told).verdict, Verdict::kStored);
  }
  /// One gateway, whole view, these online.
  void is_whole(const std::vector<std::string>& names) {
    claim('a');
    Told told{snapshot_began()};
    for (const auto& name : names) told.emplace_back(available(name));
    told.emplace_back(snapshot_ended());
    tell(told);
  }
  std::size_t sweep(std::size_t page = 100) {
    std::size_t closed = 0;
    std::optional<ResourceKey> after;
    do {
      place->within([&](PresenceStore& store) {
        const auto swept = sweep_some(store, kDomain, lease().mark(), after, page);
        closed += swept.closed;
        after = swept.last;
      });
    } while (after);
    return closed;
  }

  Lease lease(const std::string& domain = kDomain) { return place->tables().leases.at(domain); }
  /// "anna/phone offline", …: the history of resources as words.
  std::vector<std::string> history() {
    std::vector<std::string> lines;
    for (const auto& one : place->tables().transitions) {
      const auto* ending = std::get_if<Ending>(&one.to);
      const char* to = ending == nullptr            ? " is there"
                       : *ending == Ending::kUnseen ? " is not seen"
                                                    : " went";
      lines.push_back(name_of(one.who) + to + (one.uncertain ? "?" : ""));
    }
    return lines;
  }

  rostrum::test::FakeClock clock;
  std::optional<Place> place;
};

using Places = testing::Types<InMemory, InPostgres>;
TYPED_TEST_SUITE(Store, Places);

// --- leases

TYPED_TEST(Store, grants_a_domain_to_the_first_who_claims_it_and_refuses_others) {
  EXPECT_EQ(this->claim('a').outcome, Decision::Outcome::kGranted);
  const auto refused = this->claim('b');
  EXPECT_EQ(refused.outcome, Decision::Outcome::kRefused);
  EXPECT_EQ(refused.lease->owner, "gateway a");
  EXPECT_EQ(refused.holds_for, kLength);
  EXPECT_EQ(this->lease().epoch, 1);
}

TYPED_TEST(Store, lets_another_have_it_when_the_owner_says_nothing_for_too_long) {
  this->claim('a');
  this->clock.advance(seconds(7));
  this->claim('a');
  this->clock.advance(seconds(9));
  EXPECT_EQ(this->claim('b').outcome, Decision::Outcome::kRefused) << "it was renewed";
  this->clock.advance(seconds(1));
  EXPECT_EQ(this->claim('b').lease->epoch, 2);
}

TYPED_TEST(Store, goes_on_with_an_owner_that_comes_back_before_anybody_else) {
  this->is_whole({"anna/phone"});
  this->clock.advance(seconds(300));
  const auto renewed = this->claim('a');
  EXPECT_EQ(renewed.outcome, Decision::Outcome::kRenewed);
  EXPECT_EQ(renewed.lease->last_sequence, 3);
  EXPECT_TRUE(this->lease().whole());
  EXPECT_EQ(this->place->tables().coverage.size(), 1U);
}

TYPED_TEST(Store, lets_another_have_at_once_what_is_given_back) {
  this->claim('a');
  EXPECT_FALSE(this->release(2));
  EXPECT_TRUE(this->release(1));
  EXPECT_EQ(this->claim('b').lease->epoch, 2);
}

TYPED_TEST(Store, keeps_domains_apart) {
  this->is_whole({"anna/phone"});
  EXPECT_EQ(this->claim('b', "other.test").lease->epoch, 1);
  EXPECT_EQ(this->tell(1, 1, {snapshot_began(), snapshot_ended()}, "other.test").verdict, Verdict::kStored);
  EXPECT_EQ(this->sweep(), 0U);
  EXPECT_EQ(this->lease("other.test").last_change, 0);
  EXPECT_EQ(this->lease().last_change, 1);
}

// --- observations

TYPED_TEST(Store, gives_back_what_it_was_told) {
  this->is_whole({});
  const std::vector<std::string> hostile{
      "",       "{\"a\",NULL,b}", R"(C:\new\table "quoted" 'single')",  "two\nlines\tand a tab",
      "; DROP", "NULL",           "\xF0\x9F\x98\x80 \xE2\x80\xAE evil", std::string(1'024, '\\')};
  for (const auto& status : hostile) {
    this->clock.advance(seconds(1));
    this->tell({available("anna/" + (status.empty() ? "x" : status.substr(0, 1'000)),
                          appearance(Show::kXa, -128, status))});
  }
  const auto tables = this->place->tables();
  ASSERT_EQ(tables.online.size(), hostile.size());
  for (std::size_t i = 0; i < hostile.size(); ++i) {
    const auto& transition = tables.transitions.at(i);
    EXPECT_EQ(std::get<Appearance>(transition.to), appearance(Show::kXa, -128, hostile[i]));
    EXPECT_EQ(tables.online.at(transition.who).appearance, std::get<Appearance>(transition.to));
    EXPECT_EQ(tables.online.at(transition.who).since, transition.at);
  }
}

TYPED_TEST(Store, takes_a_resource_of_the_greatest_length) {
  this->is_whole({});
  std::string local;  // that no compression makes small
  SeededRandom random(1);
  while (local.size() < 1'000) local += random.hex(1);
  const auto name = local + "/" + local + "123";
  this->tell({available(name)});
  this->tell({unavailable(name)});
  EXPECT_EQ(this->place->tables().sessions.size(), 1U);
}

TYPED_TEST(Store, keeps_the_devices_of_a_member_apart) {
  this->is_whole({"anna/phone", "anna/desk", "ben/phone"});
  this->tell({unavailable("anna/phone"), available("anna/desk", Show::kAway)});
  const auto tables = this->place->tables();
  EXPECT_EQ(tables.online.size(), 2U);
  EXPECT_EQ(tables.online.at(key("anna/desk")).appearance.show, Show::kAway);
  EXPECT_EQ(tables.seen.size(), 1U);
}

TYPED_TEST(Store, stores_once_what_comes_again) {
  this->is_whole({});
  const typename TestFixture::Told told{available("anna/phone"), unavailable("anna/phone"),
                                        available("anna/phone", Show::kAway)};
  EXPECT_EQ(this->tell(1, 3, told).last_sequence, 5);
  EXPECT_EQ(this->tell(1, 3, told).last_sequence, 5) << "all of it";
  EXPECT_EQ(this->tell(1, 5, {told[2], available("ben/desk")}).last_sequence, 6) << "some of it";
  EXPECT_EQ(this->place->tables().transitions.size(), 4U);
}

TYPED_TEST(Store, stores_nothing_after_a_gap_and_nothing_of_an_older_owner) {
  this->is_whole({"anna/phone"});
  const auto before = this->lease();
  EXPECT_EQ(this->tell(1, 5, {unavailable("anna/phone")}).verdict, Verdict::kGap);
  EXPECT_EQ(this->tell(1, 5, {unavailable("anna/phone")}).last_sequence, 3);
  EXPECT_EQ(this->lease(), before);
  this->clock.advance(kLength);
  this->claim('b');
  const auto taken_over = this->lease();
  EXPECT_EQ(this->tell(1, 4, {unavailable("anna/phone")}).verdict, Verdict::kStale);
  EXPECT_EQ(this->lease(), taken_over);
  EXPECT_TRUE(this->place->tables().online.contains(key("anna/phone")));
}

TYPED_TEST(Store, remembers_a_member_by_the_session_that_ended_last) {
  this->is_whole({"anna/phone", "anna/desk"});
  this->clock.advance(seconds(100));
  this->tell({unavailable("anna/phone")});
  const auto last = this->clock.wall();
  this->clock.advance(seconds(100));
  this->tell({unavailable("anna/desk", Ending::kLeft, seconds(150))});
  EXPECT_EQ(this->place->tables().seen.at(key("anna/phone").jid).at, last);
  this->tell({available("anna/phone", Show::kOnline, seconds(180))});
  EXPECT_EQ(this->place->tables().online.at(key("anna/phone")).began_at, last) << "no session before its end";
}

// --- a gateway dies

TYPED_TEST(Store, tells_no_false_departures_and_arrivals_when_a_gateway_died) {
  this->is_whole({"anna/phone", "ben/desk", "carl/desk"});
  this->clock.advance(seconds(3));
  this->claim('a');
  const auto last_heard = this->clock.wall();
  this->clock.advance(seconds(60));
  ASSERT_EQ(this->claim('b').lease->epoch, 2);
  this->tell({snapshot_began(), available("ben/desk", Show::kOnline, seconds(63)),
              available("carl/desk", Show::kAway, seconds(20)),
              available("dora/desk", Show::kOnline, seconds(90))});
  EXPECT_FALSE(this->lease().whole());
  EXPECT_EQ(this->sweep(), 0U) << "nobody knows yet whether anna is there";
  this->tell({snapshot_ended()});
  EXPECT_EQ(this->sweep(), 1U);
  EXPECT_THAT(this->history(),
              testing::ElementsAre("anna/phone is there", "ben/desk is there", "carl/desk is there",
                                   "carl/desk is there?", "dora/desk is there?", "anna/phone is not seen?"));
  const auto tables = this->place->tables();
  EXPECT_THAT(tables.sessions,
              testing::ElementsAre(Session{6, key("anna/phone"), rostrum::test::FakeClock::kStartWall,
                                           last_heard, Ending::kUnseen, true}));
  EXPECT_TRUE(tables.online.at(key("ben/desk")).uncertain);
  EXPECT_EQ(tables.online.at(key("ben/desk")).began_at, rostrum::test::FakeClock::kStartWall);
  EXPECT_EQ(tables.online.at(key("dora/desk")).began_at, last_heard);
  EXPECT_EQ(tables.coverage.at({kDomain, {1, 1}}).ended_at, last_heard);
  EXPECT_EQ(tables.coverage.at({kDomain, {1, 1}}).reason, "gateway-lost");
  EXPECT_FALSE(tables.coverage.at({kDomain, {2, 1}}).ended_at);
}

TYPED_TEST(Store, closes_the_unseen_page_by_page) {
  std::vector<std::string> names;
  for (int i = 10; i < 30; ++i) names.push_back("member" + std::to_string(i) + "/desk");
  this->is_whole(names);
  this->tell({view_lost(), snapshot_began(), available("member15/desk"), snapshot_ended()});
  EXPECT_FALSE(this->lease().swept);
  EXPECT_EQ(this->sweep(7), 19U);
  EXPECT_TRUE(this->lease().swept);
  EXPECT_EQ(this->place->tables().online.size(), 1U);
  EXPECT_EQ(this->sweep(7), 0U);
}

TYPED_TEST(Store, holds_the_unseen_to_have_left_when_their_own_view_was_lost_and_not_a_later_one) {
  this->is_whole({"anna/phone"});
  this->clock.advance(seconds(100));
  const auto lost = this->clock.wall();
  this->tell({view_lost()});
  this->clock.advance(seconds(100));
  this->tell({snapshot_began(), snapshot_ended()});
  this->clock.advance(seconds(100));
  this->tell({view_lost()});  // before the sweep came to it
  this->clock.advance(seconds(100));
  this->tell({snapshot_began(), snapshot_ended()});
  EXPECT_EQ(this->sweep(), 1U);
  EXPECT_EQ(this->place->tables().sessions.at(0).ended_at, lost);
}

TYPED_TEST(Store, ends_an_unseen_session_where_a_new_one_begins) {
  this->is_whole({"anna/phone"});
  this->clock.advance(seconds(100));
  const auto lost = this->clock.wall();
  this->tell({view_lost()});
  this->clock.advance(seconds(100));
  this->tell({snapshot_began(), snapshot_ended()});
  this->tell({available("anna/phone")});
  const auto tables = this->place->tables();
  EXPECT_EQ(tables.sessions.at(0).ended_at, lost);
  EXPECT_EQ(tables.online.at(key("anna/phone")).began_at, this->clock.wall());
  EXPECT_FALSE(tables.online.at(key("anna/phone")).uncertain);
  EXPECT_EQ(this->sweep(), 0U);
}

// --- both alike

void expect_same(const Tables& one, const Tables& other) {
  EXPECT_EQ(one.leases, other.leases);
  EXPECT_EQ(one.online, other.online);
  EXPECT_EQ(one.coverage, other.coverage);
  EXPECT_EQ(one.transitions, other.transitions);
  EXPECT_EQ(one.sessions, other.sessions);
  EXPECT_EQ(one.seen, other.seen);
}

TEST(Stores, make_the_same_of_histories_at_random) {
  if (!InPostgres::is_there()) GTEST_SKIP() << "no PostgreSQL: run by deploy/lab/with_lab.py";
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto live = [seed](auto& place, rostrum::test::FakeClock& clock) {
      Simulation simulation(seed, clock, [&](const Act& act) { place.within(act); });
      simulation.live(600);
      simulation.come_to_rest();
      EXPECT_GT(simulation.tally().grants, 0);
      return place.tables();
    };
    rostrum::test::FakeClock one_clock;
    rostrum::test::FakeClock other_clock;
    InMemory in_memory(one_clock);
    InPostgres in_postgres(other_clock);
    expect_same(live(in_memory, one_clock), live(in_postgres, other_clock));
  }
}

}  // namespace
}  // namespace rostrum::presence
