// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/registration/adapters/account_store.hpp"
#include "services/registration/adapters/directory_domain.hpp"
#include "tests/support/database/database.hpp"
#include "tests/support/intake_events.hpp"

namespace rostrum::registration {

/// What the service does to its tables, called by hand under its own role on a database of the test's own.
class Stores : public testing::Test {
 protected:
  using Rows = std::vector<std::vector<std::string>>;
  using Status = bus::CommandResult::Status;

  void SetUp() override {
    if (!test::has_database()) GTEST_SKIP() << "no PostgreSQL: run by deploy/lab/with_lab.py";
    database.emplace();
    connection = database->connect("rostrum_registration");
  }

  intake::IntakeEvent event(const std::string& subject, Revision revision,
                            const std::function<void(v1::Event&)>& fill,
                            const std::string& source = "forum") {
    v1::Event event;
    event.set_subject(subject);
    event.set_revision(static_cast<std::uint64_t>(revision));
    fill(event);
    return {EventId::make(clock.wall(), random), source, "", std::move(event)};
  }
  intake::IntakeEvent member(const std::string& id, Revision revision, std::vector<std::string> groups = {},
                             const std::string& source = "forum", const std::string& jid = "") {
    return event(
        id, revision,
        [&](v1::Event& stated) {
          auto& upserted = *stated.mutable_member_upserted();
          upserted.set_jid(jid.empty() ? id + "@example.org" : jid);
          upserted.set_display_name("Name of " + id);
          upserted.set_sealed_password(bus::seal("password of " + id, sealing.public_key));
          for (const auto& group : groups) upserted.add_group_ids(group);
        },
        source);
  }
  intake::IntakeEvent gone(const std::string& id, Revision revision) {
    return event(id, revision, [](v1::Event& stated) { stated.mutable_member_removed(); });
  }
  intake::IntakeEvent group(const std::string& id, Revision revision, const std::string& title) {
    return event(id, revision, [&](v1::Event& stated) { stated.mutable_group_upserted()->set_title(title); });
  }

  /// Commits events as group commit does; the codes of their rejections.
  std::vector<int> commit(const std::vector<intake::IntakeEvent>& events) {
    for (const auto& each : events) EXPECT_FALSE(domain.check(each)) << domain.check(each)->text;
    pqxx::work tx(*connection);
    const auto rejections = domain.apply(tx, test::all_of(events));
    tx.commit();
    domain.committed();
    std::vector<int> codes;
    for (const auto& rejection : rejections) codes.push_back(rejection ? rejection->code : 0);
    return codes;
  }
  std::vector<AccountWork> claim(std::size_t most = 100, Milliseconds hold = Milliseconds(60'000)) {
    pqxx::work tx(*connection);
    auto works = store.claim(tx, most, hold);
    tx.commit();
    return works;
  }
  void settle(const std::vector<AccountWork>& works, Status status, const std::string& condition = "") {
    std::vector<dispatch::Finished<AccountWork>> finished;
    for (const auto& work : works) finished.push_back({work, {status, condition, "words", {}}});
    pqxx::work tx(*connection);
    store.settle(tx, finished);
    tx.commit();
  }
  [[nodiscard]] std::string state(const std::string& jid) const {
    return database->value("SELECT state FROM registration.account WHERE jid = '" + jid + "'");
  }

  SystemClock clock;
  SeededRandom random{1};
  bus::KeyPair sealing = bus::make_key_pair();
  metrics::Registry registry;
  log::Log log{"test", log::Format::kText, log::Level::kError};
  int kicks = 0;
  DirectoryDomain domain{JidRules{{"example.org"}, {}}, sealing.duplicate(), registry, log,
                         [this] { ++kicks; }};
  dispatch::DeadLetters dead_letters{"registration", registry};
  AccountStore store{dead_letters};
  std::optional<test::Database> database;
  std::shared_ptr<pqxx::connection_base> connection;
};

}  // namespace rostrum::registration
