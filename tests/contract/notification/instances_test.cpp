// SPDX-License-Identifier: GPL-3.0-or-later
// Several instances of the service on one database: no deadlock, nothing twice.
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "common/pg/failure.hpp"
#include "services/notification/adapters/feedback_rows.hpp"
#include "services/notification/adapters/notice_rows.hpp"
#include "tests/contract/notification/world.hpp"
#include "tests/support/intake_events.hpp"

namespace rostrum::notification {
namespace {

using Status = bus::CommandResult::Status;

constexpr int kMembers = 120;
constexpr int kInstances = 3;
constexpr Milliseconds kLongHold{600'000};  // longer than the test

class Instances : public World {
 protected:
  struct Instance {
    std::shared_ptr<pqxx::connection_base> connection;
    std::shared_ptr<pqxx::connection_base> superuser;
    SeededRandom chance;
    metrics::Registry registry = {};
    Meter meter{registry};
    DeliveryStore store{std::chrono::hours(24), meter};
  };

  /// A job as a worker does it. It must never be chosen as the victim of a deadlock.
  void run(pqxx::connection_base& on, const Job& job) {
    try {
      pqxx::work tx(on);
      job(tx);
      tx.commit();
    } catch (const pqxx::sql_error& error) {
      ADD_FAILURE() << error.what();
      open_ = 0;
    }
  }

  /// One instance: expands, claims, settles what it claimed or dies with it, takes receipts, sweeps; until
  /// all deliveries have ended.
  void work(std::uint64_t seed) {
    Instance self{database->connect("rostrum_notification"), database->connect("postgres"),
                  SeededRandom(seed)};
    while (open_ != 0) {
      run(*self.connection, [&](pqxx::transaction_base& tx) { expand_some(tx, self.meter); });
      Claimed claimed;
      run(*self.connection, [&](pqxx::transaction_base& tx) {
        claimed = self.store.claim(tx, 1 + self.chance.below(20), kLongHold);
      });
      hold(claimed);
      self.chance.below(4) == 0 ? die(self, claimed) : finish(self, claimed);
      run(*self.connection, [](pqxx::transaction_base& tx) { finish_notices(tx); });
      look();
    }
  }
  void die(Instance& self, const Claimed& claimed) {
    release(claimed);
    // Its holds end.
    run(*self.superuser, [&](pqxx::transaction_base& tx) {
      for (const auto& delivery : claimed)
        tx.exec_params0(
            "UPDATE notification.delivery SET due = now() WHERE notice_id = $1::uuid AND member_id = $2",
            delivery.stanza.notice.to_string(), delivery.member_id);
    });
  }
  void finish(Instance& self, const Claimed& claimed) {
    const bool refused = self.chance.below(4) == 0;
    std::vector<dispatch::Finished<ClaimedDelivery>> finished;
    std::vector<Feedback> receipts;
    for (const auto& delivery : claimed) {
      finished.push_back({delivery, {refused ? Status::kRetry : Status::kDone, "", "", {}}});
      if (!refused) receipts.push_back({delivery.stanza, Jid::parse(delivery.jid).value(), false, "", ""});
    }
    release(claimed);
    run(*self.connection, [&](pqxx::transaction_base& tx) { self.store.settle(tx, finished); });
    run(*self.connection, [&](pqxx::transaction_base& tx) {
      EXPECT_EQ(apply_feedback(tx, receipts, transaction_time(tx), self.meter), 0U);
    });
    // What waits is brought near: the test has no days. In the order in which the service locks.
    run(*self.superuser, [](pqxx::transaction_base& tx) {
      tx.exec(
          "UPDATE notification.delivery SET due = now() WHERE (notice_id, member_id) IN (SELECT notice_id, "
          "member_id FROM "
          "notification.delivery WHERE state = 'queued' AND due > now() FOR UPDATE SKIP LOCKED)");
    });
  }

  void hold(const Claimed& claimed) {
    const std::lock_guard lock(mutex_);
    for (const auto& delivery : claimed) {
      twice_ += held_.insert(delivery.stanza.text()).second ? 0 : 1;
      at_one_member_ += members_.insert(delivery.member_id).second ? 0 : 1;
    }
  }
  void release(const Claimed& claimed) {
    const std::lock_guard lock(mutex_);
    for (const auto& delivery : claimed) {
      held_.erase(delivery.stanza.text());
      members_.erase(delivery.member_id);
    }
  }
  void look() {
    const auto open = database->value(
        "SELECT (SELECT count(*) FROM notification.delivery WHERE state IN ('queued', 'attempting'))"
        " + (SELECT count(*) FROM notification.notice WHERE state = 'expanding')");
    open_ = std::stoi(open);
  }

  std::atomic<int> open_ = 1;
  std::mutex mutex_;
  std::set<std::string> held_;
  std::set<std::string> members_;
  int twice_ = 0;
  int at_one_member_ = 0;
};

TEST_F(Instances, share_the_work_settle_at_once_and_die_in_between_and_every_delivery_ends_once) {
  many_members(kMembers);
  const std::vector<std::string> notices{publish(to_all()), publish(to_all(v1::NOTICE_KIND_ALERT))};
  std::vector<std::thread> threads;
  for (int i = 0; i < kInstances; ++i)
    threads.emplace_back([this, i] { work(static_cast<std::uint64_t>(i) + 1); });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(twice_, 0) << "deliveries that two instances had in their hands";
  EXPECT_EQ(at_one_member_, 0) << "members who had two commands in flight";
  const auto all = std::to_string(kMembers);
  for (const auto& notice : notices) EXPECT_EQ(progress(notice), all + " 0 0 " + all + " 0 0 0");
}

TEST_F(Instances, that_get_the_same_receipts_in_opposite_order_neither_deadlock_nor_double) {
  many_members(kMembers);
  const auto notice = publish(to_all());
  expand_all();
  const auto claimed = claim(kMembers);
  settle(claimed, Status::kDone);
  std::vector<intake::IntakeEvent> forth;
  for (const auto& delivery : claimed)
    forth.push_back(
        {make_id(), "gateway", "receipt_received", receipt(delivery.stanza.text(), delivery.jid)});
  const std::vector<intake::IntakeEvent> back(forth.rbegin(), forth.rend());
  const auto intake = [&](const std::vector<intake::IntakeEvent>& events) {
    const auto own_connection = database->connect("rostrum_notification");
    metrics::Registry own_registry;
    Meter own_meter{own_registry};
    NotificationDomain own{std::chrono::hours(168), own_meter, [] {}};
    for (int round = 0; round < 20; ++round)
      run(*own_connection, [&](pqxx::transaction_base& tx) { (void)own.apply(tx, test::all_of(events)); });
  };
  std::thread one(intake, forth), other(intake, back);
  one.join();
  other.join();
  const auto all = std::to_string(kMembers);
  EXPECT_EQ(progress(notice), all + " 0 0 " + all + " 0 0 0");
}

}  // namespace
}  // namespace rostrum::notification
