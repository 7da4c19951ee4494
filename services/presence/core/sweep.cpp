// SPDX-License-Identifier: GPL-3.0-or-later
#include "services/presence/core/sweep.hpp"

#include <utility>

#include "services/presence/core/history.hpp"

namespace rostrum::presence {

Changes sweep(Lease lease, const std::vector<Known>& unseen, bool last) {
  History history(std::move(lease));
  for (const auto& one : unseen) history.unseen(*one.online, one.covered_until);
  history.lease().swept = last;
  auto changes = std::move(history).finish();
  for (const auto& one : unseen) changes.gone.push_back(one.who);
  return changes;
}

}  // namespace rostrum::presence
