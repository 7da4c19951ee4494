// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <set>
#include <string>

#include "common/bus/observation_intake.hpp"
#include "common/log/log.hpp"
#include "common/pg/worker.hpp"
#include "services/presence/adapters/meter.hpp"

namespace rostrum::presence {

/// Moves what the intake has gathered into the database, one round at a time: all claims, then observations,
/// one transaction for each domain, then the leases that are given back; while one round is at work the next
/// gathers by itself. Answers are given after the commit, and credit by how long the commits take. Belongs to
/// the reactor's thread.
class PresenceDesk {
 public:
  struct Settings {
    std::set<std::string> domains;
    Milliseconds lease_length;
    /// Of one round, which is what a claim may have to wait for; half of what one gateway may have
    /// unanswered.
    std::size_t max_observations = 4'096;
    std::size_t max_bytes = std::size_t{4} * 1'024 * 1'024;  ///< of them: 1 KiB for each, which few have
    bus::Load budget = bus::observation_limits().for_all();  ///< the intake's
  };
  PresenceDesk(bus::ObservationIntake& intake, pg::Worker& worker, const Clock& clock, Settings settings,
               Meter& meter, log::Log& log);
  ~PresenceDesk();
  PresenceDesk(const PresenceDesk&) = delete;
  PresenceDesk& operator=(const PresenceDesk&) = delete;

  /// Called by the intake's on_gathered.
  void kick();
  /// No round is at work and nothing waits.
  [[nodiscard]] bool idle() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // answers that come after the end find it gone
};

}  // namespace rostrum::presence
