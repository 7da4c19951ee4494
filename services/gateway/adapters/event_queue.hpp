// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <string>

#include "common/base/random.hpp"
#include "common/bus/event_publisher.hpp"
#include "common/log/log.hpp"
#include "common/metrics/metrics.hpp"

namespace rostrum::v1 {
class Event;
}

namespace rostrum::gateway {

/// Events on their way to one service: best effort and bounded. What the link does not take now waits here;
/// when too many wait, the oldest go and are counted.
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

 private:
  void drain();
  void told(const bus::EventOutcome& outcome);
  void report(const bus::LinkEvent& event);

  const Clock& clock_;
  Random& random_;
  log::Log& log_;
  std::string destination_;
  metrics::Counter& published_;
  metrics::Counter& rejected_;
  metrics::Counter& dropped_;
  bool reported_lost_ = false;
  std::deque<bus::OutgoingEvent> waiting_;
  bus::EventPublisher publisher_;
};

}  // namespace rostrum::gateway
