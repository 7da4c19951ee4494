// SPDX-License-Identifier: Apache-2.0
#include "common/bus/pool_core.hpp"

#include <algorithm>

namespace rostrum::bus {

std::vector<std::string> PoolCore::missing() const {
  std::vector<std::string> missing;
  for (const auto& address : named_) {
    const bool has_one = std::any_of(members_.begin(), members_.end(),
                                     [&](const auto& member) { return member.second == address; });
    if (!has_one) missing.push_back(address);
  }
  return missing;
}

std::vector<PoolCore::Index> PoolCore::surplus(const std::function<bool(Index)>& needed) const {
  std::vector<Index> surplus;
  for (const auto& [index, address] : members_) {
    if (!is_named(address) && !needed(index)) surplus.push_back(index);
  }
  return surplus;
}

bool PoolCore::is_named(const std::string& address) const {
  return std::find(named_.begin(), named_.end(), address) != named_.end();
}

}  // namespace rostrum::bus
