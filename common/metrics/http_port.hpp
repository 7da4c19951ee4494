// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "common/metrics/health.hpp"
#include "common/metrics/metrics.hpp"

namespace rostrum::metrics {

/// What is wrong with a listening address, for the configuration: it must be "address:port" with a numeric
/// address, IPv6 in brackets.
[[nodiscard]] std::optional<std::string> listen_problem(const std::string& listen);

/// The one HTTP port of a service: /metrics, /livez, /readyz (200 or 503, text), GET and HEAD only,
/// answered in a thread of its own. Registry and health must outlive it.
class HttpPort {
 public:
  /// What clients can take; beyond it the ones that came first are cut off.
  struct Limits {
    std::size_t max_connections = 32;
    Milliseconds max_duration{5000};  ///< from the accepted connection to its end
  };

  /// Throws std::runtime_error naming the address when it cannot be bound.
  HttpPort(const std::string& listen, const Registry& registry, const Health& health, Limits limits);
  HttpPort(const std::string& listen, const Registry& registry, const Health& health)
      : HttpPort(listen, registry, health, Limits{}) {}
  ~HttpPort();
  HttpPort(const HttpPort&) = delete;
  HttpPort& operator=(const HttpPort&) = delete;

  /// The port that was bound: of interest where 0 was asked for.
  [[nodiscard]] int port() const;

 private:
  struct Server;
  std::unique_ptr<Server> server_;
};

}  // namespace rostrum::metrics
