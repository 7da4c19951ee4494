// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace rostrum::bus {

/// Which connections a command link should have: one to each address that its endpoints stand for. One whose
/// address is not named any more stays while it is needed: name servers tell a part at a time, and what a
/// gateway was asked is that gateway's to answer.
class PoolCore {
 public:
  using Index = std::size_t;

  /// The endpoints stand for these now.
  void named(std::vector<std::string> addresses) { named_ = std::move(addresses); }
  /// Named, and without a connection.
  [[nodiscard]] std::vector<std::string> missing() const;
  void joined(Index member, std::string address) { members_.emplace(member, std::move(address)); }
  /// Neither named nor needed.
  [[nodiscard]] std::vector<Index> surplus(const std::function<bool(Index)>& needed) const;
  void left(Index member) { members_.erase(member); }

 private:
  [[nodiscard]] bool is_named(const std::string& address) const;

  std::vector<std::string> named_;
  std::map<Index, std::string> members_;
};

}  // namespace rostrum::bus
