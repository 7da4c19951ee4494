// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/intake/event.hpp"

namespace pqxx {
class transaction_base;
}

namespace rostrum::intake {

/// What a service does with events; filled by its adapters.
class Domain {
 public:
  virtual ~Domain() = default;

  /// Whether the payload is good in itself: fields, texts, JIDs. No database; on any thread, also on several
  /// at once.
  [[nodiscard]] virtual std::optional<Rejection> check(const IntakeEvent& event) const = 0;

  /// On the database thread. Writes what these new events mean, in the transaction that also holds their
  /// ledger rows. One answer per event, in order: nothing, or why this one is rejected after all (nothing of
  /// it may be written then). A database error rejects the whole batch; group commit then splits it until the
  /// culprit stands alone.
  [[nodiscard]] virtual std::vector<std::optional<Rejection>> apply(pqxx::transaction_base& tx,
                                                                    IntakeEvents events) = 0;

  /// How a database error of a culprit that stands alone is told to its publisher.
  [[nodiscard]] virtual Rejection explain(const std::string& sqlstate, const std::string& constraint,
                                          const std::string& text) const = 0;

  /// On the reactor, after a commit that took something new: there may be work.
  virtual void committed() = 0;
};

}  // namespace rostrum::intake
