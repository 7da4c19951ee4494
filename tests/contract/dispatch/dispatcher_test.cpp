// SPDX-License-Identifier: GPL-3.0-or-later
// Work that can become no command, or none that a gateway takes, or cannot be recorded, on the same loop as
// work that can.
#include "common/dispatch/dispatcher.hpp"

#include <map>
#include <mutex>
#include <pqxx/pqxx>
#include <stdexcept>

#include <gtest/gtest.h>

#include "common/bus/command_server.hpp"
#include "tests/contract/bus/bus_fixture.hpp"
#include "tests/support/database/database.hpp"

namespace rostrum::dispatch {
namespace {

using Status = bus::CommandResult::Status;

/// A piece of work: how many bytes its message has.
using Work = std::size_t;
constexpr Work kUnmakeable = 0;
constexpr Work kSmall = 10;
constexpr Work kTooLarge = 100'000;
constexpr Work kDamaged = 11;  // the database fails when it is settled
constexpr Work kSlow = 12;

/// Hands all of it out once, and keeps how each ended.
class OnceStore final : public WorkStore<Work> {
 public:
  explicit OnceStore(std::vector<Work> due) : due_(std::move(due)) {}
  [[nodiscard]] std::vector<Work> claim(pqxx::transaction_base&, std::size_t, Milliseconds) override {
    return std::exchange(due_, {});
  }
  [[nodiscard]] std::vector<Work> claim_apart(pqxx::transaction_base&, std::size_t, Milliseconds) override {
    return {};
  }
  void settle(pqxx::transaction_base& tx, const std::vector<Finished<Work>>& finished) override {
    for (const auto& one : finished) {
      if (one.work == kDamaged) fail(tx, "XX001");
      if (one.work == kSlow) fail(tx, "57014");
    }
    const std::lock_guard lock(mutex_);
    for (const auto& one : finished) ended_[one.work] = {one.result.status, one.result.condition};
  }
  void bury(pqxx::transaction_base&, const Finished<Work>& finished, const pg::DbError& why) override {
    const std::lock_guard lock(mutex_);
    ended_[finished.work] = {finished.result.status, "buried " + why.sqlstate};
  }

  using Ended = std::map<Work, std::pair<Status, std::string>>;
  [[nodiscard]] Ended ended() {
    const std::lock_guard lock(mutex_);
    return ended_;
  }

 private:
  static void fail(pqxx::transaction_base& tx, const std::string& sqlstate) {
    tx.exec("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '" + sqlstate + "'; END $$");
  }

  std::vector<Work> due_;
  std::mutex mutex_;
  Ended ended_;
};

class DispatcherTest : public bus::test::BusTest {
 protected:
  void SetUp() override {
    if (!test::has_database()) GTEST_SKIP() << "no PostgreSQL: run by deploy/lab/with_lab.py";
    database_.emplace();
    const auto key = admit("notification", "send_message");
    gateway_.emplace(reactor_, random_, *authenticator_,
                     bind_settings("tcp://127.0.0.1:*", {.max_frame_bytes = 50'000}),
                     bus::CommandServer::Handlers{
                         .on_command = [this](const Uuid& id, const v1::Command& command, MonoTime) {
                           carried_out_.push_back(command.send_message().body().size());
                           gateway_->answer(id, {Status::kDone, "", "", {}});
                         }});
    client_.emplace(reactor_, random_, connect_settings({gateway_->endpoint()}, key), Milliseconds{1'000},
                    bus::CommandClient::Handlers{});
    worker_.emplace(reactor_, "test dispatcher",
                    pg::Settings{database_->conninfo("rostrum_notification"), Secret()},
                    pg::Worker::Handlers{});
    until("there is credit", [&] { return client_->credit() > 0; });
  }
  static std::optional<bus::CommandResult> make(Work& bytes, v1::Command& command) {
    if (bytes == kUnmakeable) throw std::runtime_error("no words for it");
    command.mutable_send_message()->set_body(std::string(bytes, 'x'));
    return std::nullopt;
  }

  log::Log log_{"test", log::Format::kText, log::Level::kError};
  metrics::Registry registry_;
  OnceStore store_{{kUnmakeable, kTooLarge, kSmall}};
  std::vector<std::size_t> carried_out_;
  std::optional<test::Database> database_;
  std::optional<bus::CommandServer> gateway_;
  std::optional<bus::CommandClient> client_;
  std::optional<pg::Worker> worker_;
};

TEST_F(DispatcherTest, fails_what_can_be_no_command_or_fits_into_no_frame_and_serves_its_neighbour) {
  Dispatcher<Work> dispatcher(reactor_, *worker_, *client_, store_, make, {.service = "notification"},
                              random_, registry_, log_);
  until("all have ended", [&] { return store_.ended().size() == 3; });
  EXPECT_EQ(store_.ended(), (OnceStore::Ended{{kUnmakeable, {Status::kFailed, "unmakeable"}},
                                              {kTooLarge, {Status::kFailed, "too-large"}},
                                              {kSmall, {Status::kDone, ""}}}));
  EXPECT_EQ(carried_out_, std::vector<std::size_t>{kSmall});
}

TEST_F(DispatcherTest, buries_what_hits_damage_leaves_what_gets_no_time_and_settles_their_neighbours) {
  OnceStore store({1, 2, kDamaged, 3, kSlow, 4});
  Dispatcher<Work> dispatcher(reactor_, *worker_, *client_, store, make, {.service = "notification"}, random_,
                              registry_, log_);
  until("all have had their turn", [&] { return carried_out_.size() == 6 && dispatcher.idle(); });
  EXPECT_EQ(store.ended(), (OnceStore::Ended{{1, {Status::kDone, ""}},
                                             {2, {Status::kDone, ""}},
                                             {3, {Status::kDone, ""}},
                                             {4, {Status::kDone, ""}},
                                             {kDamaged, {Status::kDone, "buried XX001"}}}));
}

}  // namespace
}  // namespace rostrum::dispatch
