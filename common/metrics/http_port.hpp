// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/metrics/metrics.hpp"

namespace rostrum::metrics {

/// Whether the parts of a service can do their work now; set by their owners from any thread, read by /readyz.
class Health {
 public:
  /// A part of the service that must be good for it to be ready; not good until told.
  class Part {
   public:
    void good();
    void bad(std::string why);

   private:
    friend class Health;
    mutable std::mutex mutex_;
    std::string name_;
    std::string why_ = "starting";
  };

  /// The part lives as long as this object.
  Part& part(std::string name);
  /// Called by the reactor at least once a second; /livez fails when it has not been for ten seconds.
  void beat();

  struct Report {
    bool good;
    std::string text;  ///< one line per part: "name: good" or "name: why"
  };
  [[nodiscard]] Report ready() const;
  [[nodiscard]] Report live() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Part>> parts_;
  std::int64_t last_beat_ns_ = 0;
};

/// The one HTTP port of a service: /metrics, /livez, /readyz (200 or 503, text), GET and HEAD only, own threads.
class HttpPort {
 public:
  /// `listen` is "address:port". Throws std::runtime_error naming the address when it cannot be bound.
  HttpPort(const std::string& listen, const Registry& registry, const Health& health);
  ~HttpPort();
  HttpPort(const HttpPort&) = delete;
  HttpPort& operator=(const HttpPort&) = delete;

 private:
  struct Server;
  std::unique_ptr<Server> server_;
};

}  // namespace rostrum::metrics
