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
struct CloseSocket {};
struct SendHello {};
struct ConversationBegun {
  WelcomeFrame welcome;
};
struct ConversationEnded {};
struct FrameArrived {
  Frame frame;
};
using ConnectionEffect = std::variant<OpenSocket, CloseSocket, SendHello, ConversationBegun,
                                      ConversationEnded, FrameArrived, LinkEvent>;
using ConnectionEffects = std::vector<ConnectionEffect>;

/// The life of the connecting side: a fresh socket for each attempt, Hello after the handshake, Welcome
/// within the deadline, never silence for longer; a pause that grows between attempts; the next endpoint once
/// the present one has not answered for answer_deadline.
class ConnectionCore {
 public:
  struct Settings {
    std::vector<std::string> endpoints;
    LinkKind link;
    Milliseconds answer_deadline;
    Backoff pause;
  };
  ConnectionCore(Settings settings, Random& random, MonoTime now);

  [[nodiscard]] ConnectionEffects handshake_succeeded(MonoTime now);
  /// The transport broke or was refused.
  [[nodiscard]] ConnectionEffects failed(LinkEvent::Kind kind, const std::string& why, MonoTime now);
  /// Nothing: not a Frame.
  [[nodiscard]] ConnectionEffects received(std::optional<Frame> frame, MonoTime now);
  [[nodiscard]] ConnectionEffects tick(MonoTime now);
  [[nodiscard]] MonoTime wake_at() const { return wake_at_; }

 private:
  enum class State { kPausing, kConnecting, kGreeting, kOpen };

  const std::string& endpoint() const { return settings_.endpoints[endpoint_]; }
  ConnectionEffects connect(MonoTime now);
  ConnectionEffects refused(const RefusalFrame& refusal, MonoTime now);

  Settings settings_;
  Random& random_;
  State state_ = State::kPausing;
  std::size_t endpoint_ = 0;
  unsigned failures_ = 0;
  MonoTime last_answer_;  ///< of the present endpoint, or when its turn began
  MonoTime wake_at_;
};

}  // namespace rostrum::bus
