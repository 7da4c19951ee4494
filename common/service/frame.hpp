// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>

#include "common/base/random.hpp"
#include "common/bus/authenticator.hpp"
#include "common/bus/link.hpp"
#include "common/bus/reactor.hpp"
#include "common/log/settings.hpp"
#include "common/metrics/health.hpp"
#include "common/metrics/metrics.hpp"
#include "common/service/seldom.hpp"

namespace rostrum::service {

/// What a service does at the turns of its life; called on the reactor.
struct Course {
  std::function<void()> beat;           ///< twice a second: look after what brings no news of its own
  std::function<void()> begin_to_stop;  ///< take nothing more; what is at hand goes on
  std::function<bool()> at_rest;        ///< whether nothing is at hand any more
  std::function<void()> end = [] {};    ///< says farewell: at rest, or too late for it
  std::function<bool()> ended = [] { return true; };  ///< whether all has been said
};

/// What every service stands on, in the order in which it comes to be, and how every service goes: SIGTERM or
/// SIGINT, five seconds at most for what is at hand, the end. A second signal ends it at once.
class Frame {
 public:
  /// `name` stands in every log line and metric: "gateway".
  Frame(std::string name, const log::Settings& logging);

  /// Opens the HTTP port and serves until a signal has been followed; returns the exit code.
  int run(const std::string& http, const Course& course);

  /// For the binding sides' `on_link`: a log line, and a count of what was refused. Connecting sides have a
  /// LinkReport.
  void report(const bus::LinkEvent& event);
  /// For the links' `on_connections`.
  [[nodiscard]] std::function<void(const bus::ConnectionReport&)> connections();
  /// For the ZAP handler: log, metrics and health of the keys in force, and of peers that were refused.
  [[nodiscard]] bus::Authenticator::Settings authenticator(std::string directory);

 private:
  const std::string name_;

 public:
  log::Log log;
  metrics::Registry registry;
  metrics::Health health;
  SystemClock clock;
  SystemRandom random;
  bus::Reactor reactor{clock};

 private:
  void beat();
  void follow(int signal);
  void stop_when_at_rest(int looks_left);
  void stop_when_ended(int looks_left, bool was_over);
  metrics::Counter& refused(const char* reason);
  metrics::Gauge& keys(const char* state);
  metrics::Gauge& connected(const char* state);
  metrics::Counter& cut(const char* reason);
  void report_connections(const bus::ConnectionReport& report);
  void report_keys(const bus::KeyFolder& folder);
  void report_refusal(bus::Authenticator::Reason why, const std::string& text, const std::string& key);
  void report_stranger(const std::string& text);
  void report_frame(const bus::LinkEvent& event);
  metrics::Counter& refused_frames(const std::string& rule);

  const Course* course_ = nullptr;
  metrics::Counter& refused_keys_;
  metrics::Counter& refused_by_folder_;
  metrics::Counter& refused_mechanisms_;
  metrics::Counter& refused_handshakes_;
  metrics::Gauge& ready_;
  metrics::Gauge& good_keys_;
  metrics::Gauge& wrong_keys_;
  metrics::Gauge& peer_connections_;
  metrics::Gauge& silent_connections_;
  metrics::Counter& cut_silent_;
  metrics::Counter& cut_excess_;
  metrics::Counter& cut_revoked_;
  metrics::Counter& cut_routing_id_;
  metrics::Health::Part* keys_health_ = nullptr;
  Seldom stranger_lines_;  ///< a stranger must not fill the disk
  Seldom frame_lines_;     ///< nor a peer
  bus::Timer beat_timer_{reactor};
  bus::Timer stop_timer_{reactor};
};

}  // namespace rostrum::service
