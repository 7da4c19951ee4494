// SPDX-License-Identifier: Apache-2.0
#include "common/bus/whereabouts.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace rostrum::bus {

void Whereabouts::found(std::size_t endpoint, std::vector<std::string> addresses) {
  const auto place = [this](const std::string& address) {
    return std::pair(std::hash<std::string>{}(std::to_string(salt_) + address), address);
  };
  std::sort(addresses.begin(), addresses.end(),
            [&](const std::string& a, const std::string& b) { return place(a) < place(b); });
  found_.at(endpoint) = std::move(addresses);
}

std::vector<std::string> Whereabouts::addresses() const {
  std::vector<std::string> all;
  for (const auto& of_one : found_) {
    for (const auto& address : of_one) {
      if (all.size() == kMostAddresses) return all;
      if (std::find(all.begin(), all.end(), address) == all.end()) all.push_back(address);
    }
  }
  return all;
}

}  // namespace rostrum::bus
