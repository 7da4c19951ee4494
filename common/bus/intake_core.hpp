// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/bus/envelope.hpp"
#include "common/bus/event_intake.hpp"
#include "common/bus/peer_table.hpp"
#include "common/bus/taken.hpp"

namespace rostrum::bus {

struct IntakeEffects {
  struct Rejection {
    std::string_view type;
    int code;
  };
  PeerEffects peers;
  std::vector<Rejection> rejected;
  bool gathered = false;  ///< there is something to take after there was nothing
};

/// The intake without its socket: what becomes of each message, and which events wait for the database.
class IntakeCore {
 public:
  IntakeCore(LinkLimits limits, std::string instance, std::vector<std::string> served_types);

  [[nodiscard]] IntakeEffects receive(const IncomingMessage& message, const AuthorizedKeys& keys,
                                      WallTime now);
  [[nodiscard]] std::vector<ReceivedEvent> take(std::size_t max_events, std::size_t max_bytes);
  [[nodiscard]] IntakeEffects conclude(const std::vector<EventIntake::Conclusion>& conclusions);
  [[nodiscard]] IntakeEffects drop(const std::string& route);
  [[nodiscard]] IntakeEffects greet_all(const AuthorizedKeys& keys);
  [[nodiscard]] IntakeEffects set_open(bool open);
  [[nodiscard]] IntakeEffects set_budget(const Load& budget);

  /// Whether another message may be read: bounds what all peers together keep waiting.
  [[nodiscard]] bool has_room() const {
    const auto load = waiting_load();
    return load.items < limits_.window_total && load.bytes < limits_.window_total_bytes;
  }
  [[nodiscard]] std::size_t peers() const { return peers_.size(); }
  [[nodiscard]] std::size_t waiting() const { return gathered_.size() + taken_; }
  [[nodiscard]] IntakeFlow flow() const { return {waiting_load(), peers_.granted(), peers_.budget()}; }

 private:
  [[nodiscard]] Load waiting_load() const { return {waiting(), bytes_ + taken_bytes_.sum()}; }
  /// Outcomes of one conversation that go into one frame.
  struct Answer {
    OutcomesFrame frame;
    Load answered;
    std::size_t bytes = 0;  ///< of the frame
  };

  void add(PeerToken to, Answer& answer, OutcomesFrame::Outcome outcome, std::size_t event_bytes,
           PeerEffects& effects);
  void send(PeerToken to, Answer& answer, PeerEffects& effects);
  void gather(PeerTable::Work& work, BatchFrame& batch, WallTime now, IntakeEffects& effects);
  void forget_ended(IntakeEffects& effects);

  LinkLimits limits_;
  std::set<std::string, std::less<>> served_types_;
  PeerTable peers_;
  std::deque<ReceivedEvent> gathered_;
  std::size_t taken_ = 0;
  std::size_t bytes_ = 0;  ///< of gathered events
  TakenBytes taken_bytes_;
};

}  // namespace rostrum::bus
