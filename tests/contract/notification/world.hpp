// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/random.hpp"
#include "services/notification/adapters/delivery_store.hpp"
#include "services/notification/adapters/expander.hpp"
#include "services/notification/adapters/notification_domain.hpp"
#include "services/notification/adapters/sweeper.hpp"
#include "tests/support/database/database.hpp"

namespace rostrum::notification {

/// A migrated database with a directory in it, and what the service does to it, called by hand under the
/// service's own role.
class World : public testing::Test {
 protected:
  static constexpr Milliseconds kHold{30'000};
  using Claimed = std::vector<ClaimedDelivery>;
  using Job = std::function<void(pqxx::transaction_base&)>;

  void SetUp() override;

  // The directory, as registration would leave it.
  void member(const std::string& id, const std::vector<std::string>& groups = {}, bool ready = true,
              const std::string& source = "site");
  void account_is_ready(const std::string& id);
  void remove_member(const std::string& id);
  void group(const std::string& id);
  void many_members(int count);

  // Events.
  static v1::Event to_all(v1::NoticeKind kind = v1::NOTICE_KIND_ANNOUNCEMENT);
  static v1::Event to_groups(const std::vector<std::string>& ids);
  static v1::Event to_members(const std::vector<std::string>& ids,
                              v1::NoticeKind kind = v1::NOTICE_KIND_ANNOUNCEMENT);
  static v1::Event receipt(const std::string& stanza_id, const std::string& from);
  static v1::Event bounce(const std::string& stanza_id, const std::string& from,
                          const std::string& condition);
  EventId make_id();
  /// Hands events to the domain as group commit does.
  std::vector<std::optional<intake::Rejection>> take(const std::vector<intake::IntakeEvent>& events);
  std::optional<intake::Rejection> take(const v1::Event& event, const std::string& source);
  /// Publishes and must be accepted; the notice's id.
  std::string publish(const v1::Event& event, const std::string& source = "site");
  void feedback(const v1::Event& event);

  // The service's work.
  void transact(const Job& job);
  void expand_all();
  Claimed claim(std::size_t most = 100);
  void settle(const Claimed& deliveries, bus::CommandResult::Status status,
              const std::string& condition = "");
  std::size_t sweep();

  // What became of it.
  std::string state_of(const std::string& notice, const std::string& member) const;
  std::string column(const std::string& notice, const std::string& member, const std::string& name) const;
  /// "total queued sent delivered failed expired suppressed" as the view has it; also checks it against the
  /// deliveries themselves.
  std::string progress(const std::string& notice) const;
  static std::vector<std::string> members_of(const Claimed& deliveries);
  [[nodiscard]] double metric(const std::string& line) const;

  metrics::Registry registry;
  Meter meter{registry};
  NotificationDomain domain{std::chrono::hours(168), meter, [] {}};
  DeliveryStore store{std::chrono::hours(24), meter};
  SystemRandom random;
  SystemClock clock;
  std::unique_ptr<test::Database> database;
  std::shared_ptr<pqxx::connection_base> connection;
};

}  // namespace rostrum::notification
