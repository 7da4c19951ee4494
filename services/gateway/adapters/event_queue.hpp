// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <string>

#include "common/base/random.hpp"
#include "common/bus/event_publisher.hpp"
#include "common/log/log.hpp"
#include "common/metrics/metrics.hpp"
#include "common/service/link_report.hpp"
#include "common/service/seldom.hpp"

namespace rostrum::v1 {
class Event;
}

namespace rostrum::gateway {

/// Events on their way to one service: best effort and bounded. What the link does not take now waits here;
/// when too many wait, or too many bytes of them, the oldest go, are counted and told in the log.
class EventQueue {
 public:
  /// `destination` names the service in logs and metrics.
  EventQueue(bus::Reactor& reactor, Random& random, log::Log& log, metrics::Registry& registry,
             const std::string& destination, bus::ConnectSettings settings);

  /// Gives the event its id and time, and sends it as soon as the link takes it.
  void publish(rostrum::v1::Event event);
  [[nodiscard]] bool connected() const { return publisher_.connected(); }
  /// Nothing is on its way, or nobody is there to tell it to.
  [[nodiscard]] bool at_rest() const {
    return !connected() || (waiting_.empty() && publisher_.unanswered() == 0);
  }
  /// What keeps it from its service; empty while it is connected.
  [[nodiscard]] std::string trouble() const;
  /// Sets the gauges; now and then.
  void show();

 private:
  void forget_oldest();
  void drop_oldest(const char* why);
  void drain();
  void told(const bus::EventOutcome& outcome);

  const Clock& clock_;
  Random& random_;
  log::Log& log_;
  std::string destination_;
  metrics::Counter& published_;
  metrics::Counter& rejected_;
  metrics::Counter& dropped_;
  service::LinkReport report_;
  metrics::Gauge& waiting_events_;
  metrics::Gauge& unanswered_events_;
  metrics::Gauge& kept_bytes_;
  metrics::Gauge& credit_events_;
  metrics::Gauge& credit_bytes_;
  service::Seldom drop_lines_;  ///< members cause events as often as they like
  std::deque<bus::OutgoingEvent> waiting_;
  std::size_t waiting_bytes_ = 0;
  bus::EventPublisher publisher_;
};

}  // namespace rostrum::gateway
