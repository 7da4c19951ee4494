// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>

#include "common/bus/observation_intake.hpp"
#include "common/bus/peer_table.hpp"
#include "common/bus/taken.hpp"

namespace rostrum::bus {

struct ObservationIntakeEffects {
  PeerEffects peers;
  bool gathered = false;  ///< there is something to take after there was nothing
};

/// The observation intake without its socket: what becomes of each message, and what waits for the database.
class ObservationIntakeCore {
 public:
  ObservationIntakeCore(LinkLimits limits, std::string instance);

  [[nodiscard]] ObservationIntakeEffects receive(const IncomingMessage& message, const AuthorizedKeys& keys,
                                                 MonoTime now);
  [[nodiscard]] ObservationIntake::Gathered take(std::size_t max_observations, std::size_t max_bytes);
  [[nodiscard]] ObservationIntakeEffects answer(PeerToken peer, const LeaseAnswerFrame& answer);
  [[nodiscard]] ObservationIntakeEffects conclude(PeerToken peer, const ObservationsStoredFrame& stored,
                                                  std::size_t count);
  [[nodiscard]] ObservationIntakeEffects drop(const std::string& route);
  [[nodiscard]] ObservationIntakeEffects greet_all(const AuthorizedKeys& keys);
  [[nodiscard]] ObservationIntakeEffects set_open(bool open);
  [[nodiscard]] ObservationIntakeEffects set_budget(const Load& budget);

  /// Whether another message may be read: bounds what all peers together keep waiting.
  [[nodiscard]] bool has_room() const {
    const auto load = waiting_load();
    return load.items < limits_.window_total && load.bytes < limits_.window_total_bytes &&
           claims_.size() + releases_.size() < limits_.max_peers;
  }
  [[nodiscard]] std::size_t peers() const { return peers_.size(); }
  [[nodiscard]] std::size_t waiting() const { return observations_ + taken_; }
  [[nodiscard]] Load waiting_load() const { return {waiting(), bytes_ + taken_bytes_.sum()}; }
  [[nodiscard]] IntakeFlow flow() const { return {waiting_load(), peers_.granted(), peers_.budget()}; }

 private:
  using Conversation = std::pair<std::uint64_t, std::string>;  ///< token and domain

  void gather(PeerTable::Work work, MonoTime now);
  [[nodiscard]] std::vector<ObservationIntake::Batch> take_batches(std::size_t max_observations,
                                                                   std::size_t max_bytes);
  [[nodiscard]] std::vector<ObservationIntake::Release> take_releases();
  void forget_ended(const PeerEffects& effects);
  [[nodiscard]] bool empty() const { return claims_.empty() && batches_.empty() && releases_.empty(); }

  LinkLimits limits_;
  PeerTable peers_;
  std::map<Conversation, ObservationIntake::Claim> claims_;
  std::deque<ObservationIntake::Batch> batches_;
  std::map<Conversation, ObservationIntake::Release> releases_;
  std::size_t observations_ = 0;  ///< in batches_
  std::size_t bytes_ = 0;         ///< of them
  std::size_t taken_ = 0;         ///< observations
  TakenBytes taken_bytes_;
};

}  // namespace rostrum::bus
