// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "clients/cpp/src/ticket.hpp"
#include "common/bus/event_publisher.hpp"

namespace rostrum {

/// One event link seen from any thread: admits an event at once or not at all, by the credit last heard of,
/// and hands it to the reactor's thread, where the bus publisher lives. While others are unanswered it waits
/// up to kGather for company (as RFC 896 has it for small packets): a lone event goes at once, a stream of
/// single events goes in few frames.
class EventLink {
 public:
  struct Settings {
    bus::ConnectSettings connect;
    std::size_t max_unanswered;
    std::size_t max_unanswered_bytes;
    std::function<void(const Outcome&)> on_outcome;
    std::function<void(std::string_view)> on_link;
  };
  EventLink(bus::Reactor& reactor, Random& random, Settings settings);

  [[nodiscard]] Ticket publish(const EventId& id, std::string bytes);
  [[nodiscard]] bool wait_for_credit(std::chrono::steady_clock::time_point deadline);
  [[nodiscard]] bool flush(std::chrono::steady_clock::time_point deadline);
  [[nodiscard]] bus::Load unanswered() const;
  [[nodiscard]] bus::Load credit() const;

  /// After the reactor has ended: whatever is open becomes kClosed, and so does all that comes later.
  void close();

 private:
  static constexpr bus::Load kAnything{1, 1};
  static constexpr Milliseconds kGather{1};
  static constexpr std::size_t kEnough = 64;  ///< events that do not wait for more
  struct Open {
    std::shared_ptr<Ticket::State> ticket;
    std::size_t content_hash;
    std::size_t bytes;
  };

  [[nodiscard]] std::optional<Ticket> answer_at_once(const EventId& id, std::size_t content_hash,
                                                     std::size_t bytes);
  [[nodiscard]] bool has_room() const { return wanted_.fits(rest_of(credit_, queued_)); }
  void gather();
  void drain();
  void refresh_credit();
  void on_outcome(const bus::EventOutcome& outcome);
  void end(const EventId& id, const Outcome& outcome);

  bus::Reactor& reactor_;
  const Settings settings_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bus::Load credit_;              ///< as of the last refresh; what waits in queue_ uses it up
  bus::Load queued_;              ///< what waits in queue_
  std::size_t largest_ = 0;       ///< event that the intake takes
  bus::Load wanted_ = kAnything;  ///< what there was no credit for at the last publish()
  std::vector<bus::OutgoingEvent> queue_;
  std::unordered_map<EventId, Open> open_;
  std::size_t open_bytes_ = 0;
  std::size_t telling_ = 0;  ///< no longer open, but on_outcome has not returned yet
  bool closed_ = false;

  bus::Timer gathering_;
  bus::EventPublisher publisher_;  // last: its handlers use what stands above
};

}  // namespace rostrum
