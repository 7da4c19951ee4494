// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "common/bus/command_client.hpp"
#include "common/metrics/metrics.hpp"
#include "rostrum/v1/command.pb.h"

namespace rostrum::dispatch {

/// What a dispatcher counts: rostrum_<service>_attempts_total{action,result} and how many commands are out.
class Meter {
 public:
  Meter(std::string service, metrics::Registry& registry);
  void attempt(const std::string& action, bus::CommandResult::Status result);
  void in_flight(std::size_t commands) { in_flight_.set(static_cast<double>(commands)); }

 private:
  const std::string prefix_;
  metrics::Registry& registry_;
  metrics::Gauge& in_flight_;
};

/// Name of the action's field, e.g. "create_account"; "none" where there is none.
[[nodiscard]] std::string action_name(const v1::Command& command);

}  // namespace rostrum::dispatch
