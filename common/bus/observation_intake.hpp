// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/random.hpp"
#include "common/bus/authenticator.hpp"
#include "common/bus/event_intake.hpp"
#include "common/bus/link.hpp"
#include "common/bus/observation_frames.hpp"
#include "common/bus/reactor.hpp"

namespace rostrum::bus {

/// The name in `allow` of authorized_keys/ of those who may claim leases and tell what they saw.
inline constexpr const char* kPresenceObserved = "presence_observed";

/// The receiving end of an observation link, up to the database. Claims are handed on at once; observations
/// gather until the owner takes them. Belongs to the reactor's thread.
class ObservationIntake {
 public:
  struct Claim {
    PeerToken peer;
    std::string name;  ///< of the peer's key
    LeaseClaimFrame frame;
    MonoTime arrived;
  };
  struct Release {
    std::string name;
    LeaseReleaseFrame frame;
  };
  struct Batch {
    PeerToken peer;
    std::string name;
    ObservationsFrame frame;
    MonoTime arrived;
  };
  struct Handlers {
    std::function<void(Claim)> on_claim;
    std::function<void(Release)> on_release;
    std::function<void()> on_gathered;  ///< there is something to take() after there was nothing
    std::function<void(const LinkEvent&)> on_link = [](const LinkEvent&) {};
  };
  ObservationIntake(Reactor& reactor, Random& random, const Authenticator& authenticator,
                    BindSettings settings, Handlers handlers);
  ~ObservationIntake();
  ObservationIntake(const ObservationIntake&) = delete;
  ObservationIntake& operator=(const ObservationIntake&) = delete;

  /// Answers a claim; a peer that is gone meanwhile will ask again by itself.
  void answer(PeerToken peer, const LeaseAnswerFrame& answer);
  /// The oldest gathered batches, of at most so many observations together (at least one batch).
  [[nodiscard]] std::vector<Batch> take(std::size_t max_observations);
  /// Answers a batch that was taken, and gives new credit for its `count` observations.
  void conclude(PeerToken peer, const ObservationsStoredFrame& stored, std::size_t count);

  /// While closed no new credit is given. Open at start.
  void set_open(bool open);

  [[nodiscard]] std::string endpoint() const;  ///< as bound, with the real port
  [[nodiscard]] std::size_t peers() const;
  [[nodiscard]] std::size_t waiting() const;  ///< observations gathered or taken, not concluded

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rostrum::bus
