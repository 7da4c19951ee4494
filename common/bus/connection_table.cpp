// SPDX-License-Identifier: Apache-2.0
#include "common/bus/connection_table.hpp"

#include <algorithm>

namespace rostrum::bus {

std::optional<ConnectionTable::Order> ConnectionTable::accepted(int descriptor) {
  closed(descriptor);  // a number is given again only after its end
  connections_.emplace(descriptor, Connection{++last_number_, {}});
  by_age_.emplace(last_number_, descriptor);
  if (by_age_.size() > limits_.silent) return leave(by_age_.begin()->second, Cut::kSilent);
  if (size() > limits_.total) return leave(descriptor, Cut::kExcess);
  return std::nullopt;
}

bool ConnectionTable::spoke(int descriptor, const std::string& route) {
  const auto found = connections_.find(descriptor);
  if (found == connections_.end()) return false;
  auto& connection = found->second;
  if (!connection.route.empty()) return connection.route == route;
  by_age_.erase(connection.number);
  connection.route = route;
  return true;
}

void ConnectionTable::closed(int descriptor) {
  const auto found = connections_.find(descriptor);
  if (found == connections_.end()) return;
  by_age_.erase(found->second.number);
  if (found->second.leaving) --leaving_;
  connections_.erase(found);
}

std::optional<ConnectionTable::Order> ConnectionTable::cut(const std::string& route, Cut why) {
  const auto found = std::find_if(connections_.begin(), connections_.end(), [&](const auto& entry) {
    return entry.second.route == route && !entry.second.leaving;
  });
  if (found == connections_.end()) return std::nullopt;
  return leave(found->first, why);
}

ConnectionTable::Order ConnectionTable::leave(int descriptor, Cut why) {
  auto& connection = connections_.at(descriptor);
  by_age_.erase(connection.number);
  connection.leaving = true;
  ++leaving_;
  return {descriptor, why};
}

}  // namespace rostrum::bus
