// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
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
  /// A member comes, changes or goes.
  void change();

  [[nodiscard]] const Online& online() const { return online_; }

 private:
  World& world_;
  Online online_;
  std::int64_t epoch_ = 0;
  Tell tell_;
};

}  // namespace rostrum::simulation
