// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "common/base/random.hpp"
#include "common/bus/link.hpp"
#include "common/bus/observation_frames.hpp"
#include "common/bus/reactor.hpp"

namespace rostrum::bus {

/// The sending end of an observation link: a conversation with one endpoint at a time, as the event link's.
/// It keeps nothing: who sends observations knows what is confirmed and what has to be said again. Never
/// blocks; belongs to the reactor's thread.
class ObservationPublisher {
 public:
  struct Handlers {
    std::function<void()> on_begun;  ///< a conversation stands: claim, then send from where the answer says
    std::function<void()> on_ended;  ///< nothing that was sent and not answered will be answered
    std::function<void(const LeaseAnswerFrame&)> on_lease;
    std::function<void(const ObservationsStoredFrame&)> on_stored;
    std::function<void()> on_room = [] {};  ///< room() grew from nothing; at first right after on_begun
    std::function<void(const LinkEvent&)> on_link = [](const LinkEvent&) {};
  };
  ObservationPublisher(Reactor& reactor, Random& random, ConnectSettings settings, Handlers handlers);
  ~ObservationPublisher();
  ObservationPublisher(const ObservationPublisher&) = delete;
  ObservationPublisher& operator=(const ObservationPublisher&) = delete;

  /// False: no conversation, or the socket takes nothing now; nothing was sent.
  bool claim(const LeaseClaimFrame& claim);
  bool release(const LeaseReleaseFrame& release);

  /// How many observations one frame may hold now: credit, the frame's limit, and whether the socket takes
  /// one.
  [[nodiscard]] std::size_t room();
  /// How many bytes the observations of one frame may have together; what the frame itself takes is
  /// accounted for. Zero without a conversation.
  [[nodiscard]] std::size_t frame_bytes() const;
  /// At least one and at most room() observations, of frame_bytes() together.
  void send(ObservationsFrame frame);

  [[nodiscard]] bool connected() const;  ///< between on_begun and on_ended

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rostrum::bus
