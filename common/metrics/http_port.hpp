// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/metrics/health.hpp"
#include "common/metrics/metrics.hpp"

namespace rostrum::metrics {

/// What is wrong with a listening address, for the configuration: it must be "address:port" with a numeric
/// address, IPv6 in brackets.
[[nodiscard]] std::optional<std::string> listen_problem(const std::string& listen);

/// The one HTTP port of a service: /metrics, /livez, /readyz (200 or 503, text), GET and HEAD only. Two
/// threads of its own; a slow client is cut off after five seconds. Registry and health must outlive it.
class HttpPort {
 public:
  /// Throws std::runtime_error naming the address when it cannot be bound.
  HttpPort(const std::string& listen, const Registry& registry, const Health& health);
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
