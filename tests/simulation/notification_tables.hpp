// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <vector>

#include "common/intake/batch.hpp"
#include "tests/simulation/database.hpp"
#include "tests/simulation/dispatcher.hpp"
#include "tests/simulation/under_way.hpp"
#include "tests/simulation/world.hpp"

namespace rostrum::simulation {

/// A transaction of notification's intake: NotificationDomain and its rows.
class NotificationEvents final : public intake::EventStore {
 public:
  NotificationEvents(World& world, Database& database) : world_(world), database_(database) {}

  [[nodiscard]] std::optional<intake::Rejection> check(const intake::IntakeEvent& event) const override;
  [[nodiscard]] std::vector<intake::Ledger::Entry> enter(std::span<const intake::Identity> events) override;
  void withdraw(std::span<const intake::Identity> events) override;
  [[nodiscard]] std::vector<std::optional<intake::Rejection>> apply(intake::IntakeEvents events) override;

 private:
  World& world_;
  Database& database_;
};

/// expand_some(): a page of each notice that is expanding; how many there were.
[[nodiscard]] std::size_t expand_some(World& world, Database& database);
/// expire_overdue() and finish_notices().
void sweep(World& world, Database& database);

/// A delivery that is being attempted.
struct DeliveryWork {
  std::pair<Uuid, std::string> key;
  std::string stanza_id;
  std::string jid;
  unsigned attempt;
};

/// notification.delivery as the dispatcher's store: DeliveryStore's statements.
class DeliveryWorkStore final : public WorkStore<DeliveryWork> {
 public:
  /// `copies`: how often the Jabber server was handed a stanza, in truth.
  DeliveryWorkStore(World& world, UnderWay& under_way, std::function<std::size_t(const std::string&)> copies)
      : world_(world), under_way_(under_way), copies_(std::move(copies)) {}
  [[nodiscard]] std::vector<DeliveryWork> claim(Database& database, std::size_t most,
                                                Milliseconds hold) override;
  void settle(Database& database, const std::vector<Finished<DeliveryWork>>& finished) override;
  [[nodiscard]] v1::Command command(const DeliveryWork& work) const override;

 private:
  World& world_;
  UnderWay& under_way_;
  std::function<std::size_t(const std::string&)> copies_;
};

}  // namespace rostrum::simulation
