// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/jid.hpp"
#include "common/base/uuid.hpp"
#include "services/gateway/core/outcome.hpp"

namespace rostrum::gateway {

/// One message as it goes to the server. Its texts have been checked.
struct OutgoingMessage {
  Jid to;
  std::string stanza_id;
  std::string subject;
  std::string body;
};

/// How much the sender takes on.
struct SenderLimits {
  /// Sent and not yet confirmed. This paces us: a server takes tens of thousands in at once and then serves
  /// nobody else for seconds.
  std::size_t unconfirmed = 400;
  std::size_t unconfirmed_bytes = 1'048'576;  ///< of text; one message may always go
  /// After so many messages a confirmation is asked for even while another is outstanding.
  std::size_t barrier_every = 100;
  std::size_t waiting = 16'384;
  Milliseconds confirmation_deadline{15'000};  ///< of each message, from when it was sent
};

/// Sends messages and finds out which of them the server has. Confirmation is by *barriers*: a question to
/// the server that it answers only after it has handled all that we sent before (XEP-0198 <r/>, or a ping:
/// streams are processed in order). DONE is said then and not earlier.
class Sender {
 public:
  struct Transmit {
    OutgoingMessage message;
  };
  struct AskBarrier {
    std::uint64_t number;
  };
  struct Answer {
    Uuid command;
    Outcome outcome;
  };
  /// A message was not confirmed in time: end this stream.
  struct GiveUpStream {};
  using Effect = std::variant<Transmit, AskBarrier, Answer, GiveUpStream>;
  using Effects = std::vector<Effect>;

  explicit Sender(SenderLimits limits = {}) : limits_(limits) {}

  /// A command came in; must not be sent after `deadline`.
  [[nodiscard]] Effects send(const Uuid& command, OutgoingMessage message, MonoTime deadline, MonoTime now);
  [[nodiscard]] Effects stream_opened(MonoTime now);
  /// Everything unconfirmed becomes UNKNOWN, everything waiting RETRY.
  [[nodiscard]] Effects stream_lost();
  /// The server has handled all that was sent before this barrier.
  [[nodiscard]] Effects barrier_reached(std::uint64_t number, MonoTime now);
  /// Whether the connection takes more bytes now.
  [[nodiscard]] Effects set_writable(bool writable, MonoTime now);
  /// No new message is started; what waits becomes RETRY.
  [[nodiscard]] Effects stop();
  [[nodiscard]] Effects tick(MonoTime now);

  [[nodiscard]] std::size_t unconfirmed() const { return unconfirmed_.size(); }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Waiting {
    Uuid command;
    OutgoingMessage message;
    MonoTime deadline;
  };
  struct Unconfirmed {
    Uuid command;
    std::uint64_t position;  // of its stanza in this stream
    std::size_t bytes;
    MonoTime deadline;  // for its confirmation
  };
  struct Barrier {
    std::uint64_t number;
    std::uint64_t position;  // of the last stanza before it
  };

  void advance(Effects& effects, MonoTime now);
  void ask(Effects& effects);
  [[nodiscard]] bool has_room() const;
  void release_waiting(Effects& effects, const std::string& condition);

  SenderLimits limits_;
  bool online_ = false;
  bool writable_ = true;
  bool stopping_ = false;
  std::uint64_t position_ = 0;  // stanzas sent on this stream
  std::uint64_t next_barrier_ = 1;
  std::deque<Waiting> waiting_;
  std::deque<Unconfirmed> unconfirmed_;
  std::size_t unconfirmed_bytes_ = 0;
  std::deque<Barrier> barriers_;
};

}  // namespace rostrum::gateway
