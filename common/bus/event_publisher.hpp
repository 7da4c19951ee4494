// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/base/random.hpp"
#include "common/base/uuid.hpp"
#include "common/bus/link.hpp"
#include "common/bus/reactor.hpp"

namespace rostrum::bus {

/// An event ready to leave (the bytes must hold this id, or it can never be answered): its id and the
/// serialised `rostrum.v1.Event` that contains it.
struct OutgoingEvent {
  EventId id;
  std::string bytes;
};

/// What became of an event, as the intake said.
struct EventOutcome {
  enum class Status { kAccepted, kDuplicate, kRejected };
  EventId id;
  Status status;
  int rejection_code = 0;  ///< rostrum.v1.RejectionCode
  std::string text;
};

/// What became of an offer.
enum class Offer {
  kTaken,     ///< kept and (re)sent until there is an outcome
  kNotNow,    ///< no credit for it: the other side is away, slow or full; nothing was kept
  kTooLarge,  ///< will never fit; nothing was kept
};

/// The sending end of an event link. Keeps every event it took until its outcome came, resends in order after
/// a reconnect, turns to the next endpoint after a time without an answer. Never blocks; belongs to the
/// reactor's thread.
class EventPublisher {
 public:
  struct Handlers {
    std::function<void(EventOutcome)> on_outcome;
    std::function<void(const LinkEvent&)> on_link = [](const LinkEvent&) {};
    std::function<void()> on_credit = [] {};  ///< there is more credit after there was not enough
    std::function<void()> on_pause = [] {};   ///< what was left is withdrawn; on_credit tells when it is back
  };
  EventPublisher(Reactor& reactor, Random& random, ConnectSettings settings, Handlers handlers);
  ~EventPublisher();
  EventPublisher(const EventPublisher&) = delete;
  EventPublisher& operator=(const EventPublisher&) = delete;

  [[nodiscard]] Offer offer(OutgoingEvent event);
  [[nodiscard]] std::size_t unanswered() const;
  [[nodiscard]] std::size_t credit() const;  ///< how many more offers would be taken now, if they are small
  [[nodiscard]] PublisherFlow flow() const;
  [[nodiscard]] std::size_t largest_event() const;  ///< bytes that the intake takes; 0 when not connected
  [[nodiscard]] bool connected() const;             ///< between Welcome and loss

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rostrum::bus
