// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "services/gateway/core/sighting.hpp"
#include "tests/simulation/world.hpp"

namespace rostrum::simulation {

/// Who is online at a Jabber server in truth, and who watches: twin of the presence watch
/// (docs/presence-watch.md) and the session around it.
class PresenceDomain {
 public:
  static constexpr const char* kName = "site.test";
  using Tell = std::function<void(const gateway::Sighting&)>;
  using Online = std::map<gateway::ResourceName, gateway::ResourceState>;

  explicit PresenceDomain(World& world) : world_(world) {}

  /// Whoever watches under a later epoch takes the watch from the one before; under an earlier one it is
  /// refused, as superseded. Everybody who is online is named at once.
  void watch(std::int64_t epoch, Tell tell);
  void unwatch(std::int64_t epoch);
  /// The present watcher's stream breaks.
  void break_watch();
  /// This gateway cannot watch for so long. What it watches goes on; see break_watch().
  void hide_from(const std::string& gateway, Milliseconds duration);
  [[nodiscard]] bool is_reached_by(const std::string& gateway) const;
  /// A member comes, changes or goes.
  void change();

  [[nodiscard]] const Online& online() const { return online_; }
  /// Everybody who ever came.
  [[nodiscard]] std::set<gateway::ResourceName> everybody() const;
  /// Whether this one was there, or was not, at any moment of this interval, ends included.
  [[nodiscard]] bool was(const gateway::ResourceName& who, bool there, WallTime from, WallTime to) const;

 private:
  void turn(const gateway::ResourceName& who, bool there);

  World& world_;
  Online online_;
  std::map<std::string, MonoTime> hidden_until_;                     ///< by gateway
  std::map<gateway::ResourceName, std::map<WallTime, bool>> turns_;  ///< since when who was there, or was not
  std::int64_t epoch_ = 0;
  Tell tell_;
};

}  // namespace rostrum::simulation
