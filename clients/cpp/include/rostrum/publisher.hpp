// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rostrum/event.hpp"

namespace rostrum {

/// How the publishing of one event ended.
struct Outcome {
  enum class Status {
    kAccepted,   ///< committed: it will be carried out, or end as a dead letter with its reason
    kDuplicate,  ///< had been committed before; nothing changed
    kRejected,   ///< not taken, and never will be as it stands: see `code` and `text`
    kNotNow,     ///< not taken: the service is away, slow or full; publish again later
    kClosed,     ///< the publisher was closed before the answer came: it may have been taken; publish again
                 ///< under the same id
  };
  Status status;
  std::string event_id;   ///< UUIDv7 as text; of a notice, also the notice's id
  std::string code = {};  ///< kRejected: `RejectionCode` of bus.proto without its prefix, e.g. "JID_TAKEN"
  std::string text = {};  ///< for people: what, where, what to do

  /// Rostrum has it.
  [[nodiscard]] bool committed() const { return status == Status::kAccepted || status == Status::kDuplicate; }
};

/// One line for people: "rejected (JID_TAKEN): …".
[[nodiscard]] std::string describe(const Outcome& outcome);

/// The stub one keeps of a published event: wait on it, ask it, copy it or throw it away. Usable from any
/// thread, also when the publisher is gone.
class Ticket {
 public:
  class State;
  explicit Ticket(std::shared_ptr<State> state) : state_(std::move(state)) {}

  [[nodiscard]] const std::string& event_id() const;
  /// The outcome, if there is one by now.
  [[nodiscard]] std::optional<Outcome> outcome() const;
  /// Waits for the outcome, at most so long; nothing when the time was not enough (the event is still on its
  /// way).
  [[nodiscard]] std::optional<Outcome> wait_for(std::chrono::milliseconds time) const;

 private:
  std::shared_ptr<State> state_;
};

/// Where one of the two intakes is reached.
struct IntakeAddress {
  std::vector<std::string> endpoints;  ///< "tcp://host:port"; the next one is tried when one does not answer.
                                       ///< None: this intake is not used.
  std::string key_file;                ///< the public key that all of them must prove to have
};

struct PublisherSettings {
  std::string source_key_file;      ///< the site's own key, `….secret`
  IntakeAddress registration = {};  ///< takes members and groups
  IntakeAddress notification = {};  ///< takes announcements and alerts
  std::string sealing_key_file =
      {};  ///< registration's key for passwords; needed only by who publishes passwords

  /// Events on their way; what comes above is kNotNow. The intakes' own limits come first.
  std::size_t max_unanswered = 16'384;
  std::size_t max_unanswered_bytes = std::size_t{64} * 1024 * 1024;
  /// How long an intake may be silent before the connection counts as lost.
  std::chrono::milliseconds answer_deadline{5'000};

  /// For whoever keeps an outbox: called on the publisher's thread, once for each event whose ticket was
  /// still open when publish() returned. May publish; must neither block nor throw nor wait for tickets.
  std::function<void(const Outcome&)> on_outcome = {};
  /// What happens to the connections, for the site's log: called on the publisher's thread, as above.
  std::function<void(std::string_view text)> on_link = {};
};

/// How full a publisher is, both intakes together. It holds no more than `max_unanswered` and
/// `max_unanswered_bytes` for each intake.
struct Flow {
  std::uint64_t unanswered_events;
  std::uint64_t unanswered_bytes;
  std::uint64_t credit_events;  ///< that the intakes would take now; none of one that is away or pauses
  std::uint64_t credit_bytes;   ///< the same in bytes; 2⁶⁴−1 where an intake does not count them
};

/// A site's end of the queue to Rostrum: one thread of its own with a connection to each intake; events are
/// routed by their type. What was taken is kept and sent again, in order and under the same id, until the
/// intake has answered. Nothing is on disk: a site that must not lose an event when it dies itself keeps an
/// outbox (docs/publishing.md).
///
/// All methods are thread-safe. Not to be used across fork(): make the publisher in the child.
class Publisher {
 public:
  /// Connects in the background. Throws std::invalid_argument naming the file or setting that is wrong and
  /// what to do.
  explicit Publisher(PublisherSettings settings);
  /// Ends within a second, whatever the network does; what is not answered becomes kClosed. Call flush()
  /// before.
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  /// Takes the event, or says kNotNow, without waiting for anything. Throws std::logic_error when the
  /// settings name no intake for this type, or no sealing key for a password.
  Ticket publish(Event event);

  /// The event as it would be sent: id, time, revision set and the password sealed. Give the bytes to
  /// Event::unpack(), as often as needed: this is what an outbox stores.
  [[nodiscard]] std::string pack(Event event);

  /// Waits until every configured intake would take an event, at most so long.
  [[nodiscard]] bool wait_for_credit(std::chrono::milliseconds time);
  /// Waits until every event taken so far has its outcome and on_outcome was told of it, at most so long.
  [[nodiscard]] bool flush(std::chrono::milliseconds time);
  /// Events taken that have no outcome yet.
  [[nodiscard]] std::size_t unanswered() const;
  /// The same with their bytes, and what would be taken now: for the site's own metrics.
  [[nodiscard]] Flow flow() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace rostrum
