// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "services/presence/core/history.hpp"
#include "services/presence/core/record.hpp"

namespace rostrum::presence {

/// Makes of observations, one after the other, what is to be written. A resource that is told of several
/// times has its transitions in their order and one row in the end.
class Fold {
 public:
  /// `known`: of every resource that add() will be told of, what the database knows; nothing: left out.
  /// `now`: of the transaction.
  Fold(Lease lease, std::vector<Known> known, WallTime now);
  ~Fold();
  Fold(const Fold&) = delete;
  Fold& operator=(const Fold&) = delete;

  /// The next observation: it has this number, and happened at this moment, as far as its teller can say.
  void add(const Observation& observation, std::int64_t sequence, WallTime at);

  [[nodiscard]] Changes finish() &&;

 private:
  struct Tracked;
  Tracked& track(const ResourceKey& who);
  void tell(const Available& available, bool age_is_known, WallTime at);
  void tell(const Unavailable& unavailable, WallTime at);
  void begin_snapshot(std::int64_t sequence, WallTime at);
  void end_snapshot();
  void lose_view(const std::string& reason, WallTime at);

  void come(Tracked& tracked, const Available& available, bool age_is_known, WallTime at);
  void stay(Tracked& tracked, const Appearance& appearance, WallTime at);
  [[nodiscard]] bool is_confirmed(const Online& online) const;
  [[nodiscard]] std::optional<WallTime> covered_until(const Tracked& tracked) const;
  void leave_mark(WallTime at, const std::string& reason);

  const WallTime now_;
  History history_;
  std::map<ResourceKey, Tracked> tracked_;
  std::map<Mark, std::optional<WallTime>> marks_left_;  ///< in this batch, and the last coverage until then
};

}  // namespace rostrum::presence
