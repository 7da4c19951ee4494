// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "common/bus/credit_window.hpp"
#include "common/bus/event_publisher.hpp"
#include "common/bus/frames.hpp"

namespace rostrum::bus {

/// The publisher without its socket: which events are kept, which of them this conversation has sent, what
/// may be sent now.
class PublisherCore {
 public:
  /// A conversation begins: everything kept is to be sent again, oldest first. Gives the outcomes of events
  /// that this intake can never take.
  [[nodiscard]] std::vector<EventOutcome> welcomed(const WelcomeFrame& welcome);
  /// More credit, or none for the time being.
  void credited(const CreditFrame& frame);
  /// Outcomes of events that were sent in this conversation; others are passed over.
  [[nodiscard]] std::vector<EventOutcome> concluded(OutcomesFrame frame);
  void lost();

  /// An id that is already kept is taken as a repeat: one outcome for both.
  [[nodiscard]] Offer offer(OutgoingEvent event);
  /// The next frame; counts its events as sent. Nothing: nothing to send, or no credit.
  [[nodiscard]] std::optional<BatchFrame> next_batch();

  [[nodiscard]] std::size_t unanswered() const { return kept_.size(); }
  /// How many more offers would be taken now, if they are small.
  [[nodiscard]] std::size_t credit() const;
  [[nodiscard]] PublisherFlow flow() const { return {kept_load(), room()}; }
  [[nodiscard]] std::size_t largest_event() const { return connected_ ? max_event_bytes_ : 0; }
  [[nodiscard]] bool connected() const { return connected_; }

 private:
  using Sequence = std::uint64_t;  ///< order in which events were taken

  [[nodiscard]] Load kept_load() const { return {kept_.size(), kept_bytes_}; }
  [[nodiscard]] Load room() const;

  bool connected_ = false;
  CreditPurse purse_;
  std::size_t max_frame_bytes_ = 0;
  std::size_t max_event_bytes_ = 0;
  std::size_t max_batch_ = 1;
  Sequence last_ = 0;
  Sequence next_unsent_ = 1;
  Load unsent_;
  std::map<Sequence, OutgoingEvent> kept_;
  std::size_t kept_bytes_ = 0;
  std::unordered_map<EventId, Sequence> sequence_of_;
};

}  // namespace rostrum::bus
