// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/bus/event_intake.hpp"
#include "common/intake/domain.hpp"
#include "common/intake/ledger.hpp"
#include "common/intake/split_plan.hpp"
#include "common/intake/verdict.hpp"

namespace rostrum::intake {

/// Events taken together, on their way through one or more transactions.
class Batch {
 public:
  explicit Batch(std::vector<bus::ReceivedEvent> received);

  [[nodiscard]] std::size_t size() const { return received_.size(); }
  [[nodiscard]] const bus::ReceivedEvent& received(std::size_t index) const { return received_[index]; }

  /// On the database thread, in one transaction that may be repeated: what becomes of the events of a part.
  [[nodiscard]] std::vector<Verdict> commit(pqxx::transaction_base& tx, SplitPlan::Part part,
                                            const Ledger& ledger, Domain& domain);

 private:
  struct Item {
    std::optional<IntakeEvent> event;  // read and good in itself
    std::optional<Rejection> rejection;
  };
  void read(std::size_t index, const Domain& domain);

  std::vector<bus::ReceivedEvent> received_;
  std::vector<Item> items_;
};

}  // namespace rostrum::intake
