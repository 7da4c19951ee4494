// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/intake/batch.hpp"
#include "common/intake/domain.hpp"

namespace rostrum::intake {

/// The tables of a service, in one transaction on the database thread.
class PgEventStore final : public EventStore {
 public:
  PgEventStore(pqxx::transaction_base& tx, const Ledger& ledger, Domain& domain)
      : tx_(tx), ledger_(ledger), domain_(domain) {}

  [[nodiscard]] std::optional<Rejection> check(const IntakeEvent& event) const override {
    return domain_.check(event);
  }
  [[nodiscard]] std::vector<Ledger::Entry> enter(std::span<const Identity> events) override {
    return ledger_.enter(tx_, events);
  }
  void withdraw(std::span<const Identity> events) override { ledger_.withdraw(tx_, events); }
  [[nodiscard]] std::vector<std::optional<Rejection>> apply(IntakeEvents events) override {
    return domain_.apply(tx_, events);
  }

 private:
  pqxx::transaction_base& tx_;
  const Ledger& ledger_;
  Domain& domain_;
};

}  // namespace rostrum::intake
