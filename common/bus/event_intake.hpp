// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/uuid.hpp"
#include "common/bus/authenticator.hpp"
#include "common/bus/link.hpp"
#include "common/bus/reactor.hpp"

namespace rostrum::bus {

/// An event whose envelope is good: known id and horizon, own source, known and granted type. Its payload is
/// unlooked at.
struct ReceivedEvent {
  PeerToken peer;
  EventId id;
  std::string source;     ///< the authenticated name
  std::string_view type;  ///< name of the payload's oneof field, a literal
  std::string bytes;      ///< the serialised Event as it came
};

/// The receiving end of an event link, up to the database: takes frames, answers what is wrong with an
/// envelope, gathers what is good. Belongs to the reactor's thread.
///
/// The owner takes gathered events when it can commit them and concludes each exactly once; the intake then
/// answers the peer and gives it new credit.
class EventIntake {
 public:
  struct Handlers {
    std::function<void()> on_gathered;  ///< there is something to take() after there was nothing
    std::function<void(const LinkEvent&)> on_link = [](const LinkEvent&) {};
    std::function<void(std::string_view type, int rejection_code)> on_rejected = [](std::string_view, int) {
    };  ///< by the intake itself
  };
  /// `served_types`: names of the payloads this service understands; others are rejected as UNKNOWN_TYPE.
  EventIntake(Reactor& reactor, Random& random, const Authenticator& authenticator, BindSettings settings,
              std::vector<std::string> served_types, Handlers handlers);
  ~EventIntake();
  EventIntake(const EventIntake&) = delete;
  EventIntake& operator=(const EventIntake&) = delete;

  /// The oldest gathered events, at most so many and so many bytes (at least one).
  [[nodiscard]] std::vector<ReceivedEvent> take(std::size_t max_events, std::size_t max_bytes);

  struct Conclusion {
    PeerToken peer;
    EventId id;
    enum class Status { kAccepted, kDuplicate, kRejected } status;
    int rejection_code = 0;
    std::string text = {};
  };
  /// Answers; a peer that is gone meanwhile will ask again by itself.
  void conclude(const std::vector<Conclusion>& conclusions);

  /// While closed (the database is away, or the service is about to stop) no credit is given, and what was
  /// given is withdrawn. Open at start.
  void set_open(bool open);
  /// So much may be granted to all peers together from now on, never more than the limits say.
  void set_budget(const Load& budget);

  [[nodiscard]] std::string endpoint() const;  ///< as bound, with the real port
  [[nodiscard]] std::size_t peers() const;
  [[nodiscard]] std::size_t waiting() const;  ///< gathered or taken, not concluded
  [[nodiscard]] IntakeFlow flow() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rostrum::bus
