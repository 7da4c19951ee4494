// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "common/bus/link.hpp"
#include "common/log/log.hpp"
#include "common/metrics/metrics.hpp"

namespace rostrum::service {

/// Which of a link's news are worth a line: each change at an address, and a trouble that goes on, now and
/// then. A pool has several addresses.
class LinkNews {
 public:
  static constexpr std::chrono::minutes kAgain{10};

  [[nodiscard]] bool worth_a_line(const bus::LinkEvent& event, MonoTime now);
  /// Of the address that was heard of last, and what to do about it; empty while a connection stands
  /// anywhere.
  [[nodiscard]] std::string trouble() const;

 private:
  struct At {
    bool connected;
    bus::LinkTrouble trouble;
    MonoTime said;
  };
  std::map<std::string, At> at_;
  std::string last_ = "nothing was heard of it yet";
};

/// The connecting side's `on_link`, for log, metrics and /readyz.
class LinkReport {
 public:
  /// `destination` names the service there, in log and metrics: "presence".
  LinkReport(log::Log& log, metrics::Registry& registry, const Clock& clock, const std::string& service,
             std::string destination);

  void hear(const bus::LinkEvent& event);
  [[nodiscard]] std::string trouble() const { return news_.trouble(); }

 private:
  log::Log& log_;
  const Clock& clock_;
  std::string destination_;
  std::map<bus::LinkTrouble, metrics::Counter*> failures_;
  LinkNews news_;
};

}  // namespace rostrum::service
