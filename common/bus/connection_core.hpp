// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/backoff.hpp"
#include "common/base/random.hpp"
#include "common/bus/frames.hpp"
#include "common/bus/link.hpp"

namespace rostrum::bus {

/// What there is to do after a step of a connecting side.
struct OpenSocket {
  std::string endpoint;
};
/// Look up what the endpoints stand for, and tell found() for each, then looked().
struct FindAddresses {};
struct CloseSocket {};
struct SendHello {};
struct ConversationBegun {
  WelcomeFrame welcome;
};
struct ConversationEnded {};
struct FrameArrived {
  Frame frame;
};
using ConnectionEffect = std::variant<OpenSocket, FindAddresses, CloseSocket, SendHello, ConversationBegun,
                                      ConversationEnded, FrameArrived, LinkEvent>;
using ConnectionEffects = std::vector<ConnectionEffect>;

/// The life of the connecting side: a fresh socket for each attempt, Hello after the handshake, Welcome
/// within the deadline, never silence for longer; a pause that grows between attempts; the next address once
/// the present one has not answered for answer_deadline, or is none of the endpoints' any more.
class ConnectionCore {
 public:
  struct Settings {
    std::vector<std::string> addresses;  ///< known from the start; none: to be found first
    LinkKind link;
    Milliseconds answer_deadline;
    Backoff pause;
  };
  ConnectionCore(Settings settings, Random& random, MonoTime now);

  /// What the endpoints stand for now, in the order in which they are to be tried.
  [[nodiscard]] ConnectionEffects found(std::vector<std::string> addresses, MonoTime now);
  /// Each look-up has had its answer. Without any address there is a pause before the next.
  void looked(MonoTime now);

  [[nodiscard]] ConnectionEffects handshake_succeeded(MonoTime now);
  /// The transport broke or was refused.
  [[nodiscard]] ConnectionEffects failed(LinkEvent::Kind kind, const std::string& why, MonoTime now,
                                         LinkTrouble trouble = LinkTrouble::kNone);
  /// Nothing: not a Frame.
  [[nodiscard]] ConnectionEffects received(std::optional<Frame> frame, MonoTime now);
  [[nodiscard]] ConnectionEffects tick(MonoTime now);
  [[nodiscard]] MonoTime wake_at() const { return wake_at_; }

 private:
  enum class State { kPausing, kFinding, kConnecting, kGreeting, kOpen };

  ConnectionEffects connect(MonoTime now);
  ConnectionEffects refused(const RefusalFrame& refusal, MonoTime now);

  Settings settings_;
  Random& random_;
  State state_ = State::kPausing;
  std::vector<std::string> addresses_;
  std::size_t next_ = 0;  ///< of addresses_, for the next attempt
  std::string address_;   ///< of the present attempt, or the last
  unsigned failures_ = 0;
  MonoTime last_answer_;  ///< of the present address, or when its turn began
  MonoTime wake_at_;
};

}  // namespace rostrum::bus
