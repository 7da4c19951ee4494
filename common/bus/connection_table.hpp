// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

namespace rostrum::bus {

/// How many connections a binding socket holds.
struct ConnectionLimits {
  std::size_t silent;  ///< of them, that have not said anything yet: in their handshake, or strangers
  std::size_t total;
};

/// The connections of a binding socket, strangers included, by their descriptors. Pure: what happened in,
/// what is to be shut down out.
///
/// A connection is *silent* until its first message, which only an authorized key can send. Beyond the limit
/// the oldest silent one goes: an honest peer has spoken within milliseconds, so whoever waits longest is the
/// least likely to be one, and however many strangers come they cannot keep an honest newcomer out for long.
class ConnectionTable {
 public:
  enum class Cut {
    kSilent,     ///< the oldest of too many that have not said anything
    kExcess,     ///< a newcomer, when there are too many in all
    kRevoked,    ///< its key is not in force any more
    kRoutingId,  ///< it chose its own routing id, under which another's answers might reach it
  };
  struct Order {
    int descriptor;
    Cut why;
  };

  explicit ConnectionTable(ConnectionLimits limits) : limits_(limits) {}

  /// Who is to be shut down for it, if anybody.
  [[nodiscard]] std::optional<Order> accepted(int descriptor);
  /// A message came by it. False: this connection is not known, or as another one.
  [[nodiscard]] bool spoke(int descriptor, const std::string& route);
  void closed(int descriptor);
  /// The connection with this route is to go, if there is one.
  [[nodiscard]] std::optional<Order> cut(const std::string& route, Cut why);

  [[nodiscard]] std::size_t size() const { return connections_.size() - leaving_; }
  [[nodiscard]] std::size_t silent() const { return by_age_.size(); }

 private:
  struct Connection {
    std::uint64_t number;  ///< in the order of arrival
    std::string route;     ///< empty: silent
    bool leaving = false;  ///< told to shut down
  };
  Order leave(int descriptor, Cut why);

  ConnectionLimits limits_;
  std::uint64_t last_number_ = 0;
  std::unordered_map<int, Connection> connections_;
  std::map<std::uint64_t, int> by_age_;  ///< the silent ones: number → descriptor
  std::size_t leaving_ = 0;
};

}  // namespace rostrum::bus
