// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/dispatch/meter.hpp"

#include <utility>

#include <google/protobuf/descriptor.h>

namespace rostrum::dispatch {
namespace {

std::string label_of(bus::CommandResult::Status status) {
  switch (status) {
    case bus::CommandResult::Status::kDone:
      return "done";
    case bus::CommandResult::Status::kFailed:
      return "failed";
    case bus::CommandResult::Status::kRetry:
      return "retry";
    case bus::CommandResult::Status::kUnknown:
      return "unknown";
  }
  return "unknown";
}

}  // namespace

Meter::Meter(std::string service, metrics::Registry& registry)
    : prefix_("rostrum_" + std::move(service)),
      registry_(registry),
      in_flight_(registry.gauge(prefix_ + "_commands_in_flight",
                                "Commands sent to a gateway and not yet answered")) {}

void Meter::attempt(const std::string& action, bus::CommandResult::Status result) {
  registry_
      .counter(prefix_ + "_attempts_total", "Attempts to carry out a piece of work, by action and result",
               {{"action", action}, {"result", label_of(result)}})
      .add();
}

std::string action_name(const v1::Command& command) {
  const auto* field = v1::Command::descriptor()->FindFieldByNumber(static_cast<int>(command.action_case()));
  return field == nullptr ? "none" : field->name();
}

}  // namespace rostrum::dispatch
