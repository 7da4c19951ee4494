// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/random.hpp"
#include "common/bus/authenticator.hpp"
#include "common/bus/link.hpp"
#include "common/bus/observation_frames.hpp"
#include "common/bus/reactor.hpp"

namespace rostrum::bus {

/// The receiving end of an observation link, up to the database. Whose epoch it is and which number comes
/// next, the database knows; here it is only looked at whether the key may speak at all. Belongs to the
/// reactor's thread.
class ObservationIntake {
 public:
  struct Claim {
    PeerToken peer;
    std::string name;  ///< of the peer's key
    LeaseClaimFrame frame;
    MonoTime arrived;
  };
  struct Batch {
    PeerToken peer;
    std::string name;
    ObservationsFrame frame;  ///< at least one observation; epoch and numbers are 1 to 2⁶³−1
    MonoTime arrived;
  };
  struct Release {
    PeerToken peer;
    std::string name;
    LeaseReleaseFrame frame;
  };
  /// What waits for the database, to be carried out in this order.
  struct Gathered {
    std::vector<Claim> claims;      ///< the newest of each conversation and domain
    std::vector<Batch> batches;     ///< oldest first
    std::vector<Release> releases;  ///< of conversations that have said nothing before which still waits
    [[nodiscard]] bool empty() const { return claims.empty() && batches.empty() && releases.empty(); }
  };
  struct Handlers {
    std::function<void()> on_gathered;  ///< there is something to take() after there was nothing
    std::function<void(const LinkEvent&)> on_link = [](const LinkEvent&) {};
  };
  /// For settings.limits see observation_limits().
  ObservationIntake(Reactor& reactor, Random& random, const Authenticator& authenticator,
                    BindSettings settings, Handlers handlers);
  ~ObservationIntake();
  ObservationIntake(const ObservationIntake&) = delete;
  ObservationIntake& operator=(const ObservationIntake&) = delete;

  /// All claims, so that they never wait behind observations; the oldest batches, of at most so many
  /// observations and bytes together (at least one batch, unless one of them is 0); the releases whose turn
  /// it is.
  [[nodiscard]] Gathered take(std::size_t max_observations, std::size_t max_bytes);
  /// Answers a claim; a peer that is gone meanwhile will ask again by itself. One that gets no answer will
  /// too.
  void answer(PeerToken peer, const LeaseAnswerFrame& answer);
  /// Answers a batch that was taken, and gives new credit for its `count` observations. Each exactly once.
  void conclude(PeerToken peer, const ObservationsStoredFrame& stored, std::size_t count);

  /// While closed no credit is given, and what was given is withdrawn; claims are taken all the same. Open at
  /// start.
  void set_open(bool open);
  /// So much may be granted to all peers together from now on, never more than the limits say.
  void set_budget(const Load& budget);

  [[nodiscard]] std::string endpoint() const;  ///< as bound, with the real port
  [[nodiscard]] std::size_t peers() const;
  [[nodiscard]] std::size_t waiting() const;  ///< observations gathered or taken, not concluded
  [[nodiscard]] Load waiting_load() const;    ///< with their bytes
  [[nodiscard]] IntakeFlow flow() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rostrum::bus
