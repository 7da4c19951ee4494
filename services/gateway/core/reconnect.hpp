// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "common/base/backoff.hpp"
#include "common/base/clock.hpp"
#include "common/base/random.hpp"

namespace rostrum::gateway {

/// Steps of a stream's life, in their order.
enum class StreamStep { kResting, kConnecting, kSecuring, kAuthenticating, kBinding, kProving, kOnline };

/// Why a stream ended.
enum class StreamLoss {
  kUnreachable,   ///< no TCP connection
  kSilent,        ///< a deadline went by
  kDropped,       ///< the connection broke
  kClosed,        ///< the server closed the stream or said so by a stream error
  kNotSecure,     ///< TLS not offered, refused, or the certificate is not the one we expect
  kNotAuthentic,  ///< wrong password, no SCRAM, or the server could not prove itself
  kConflict,      ///< another session took our place (RFC 6120 §4.9.3.3)
  kProtocol,      ///< the server sent what no server may send
  kOverflow,      ///< the server reads so slowly that our buffer is full
};

[[nodiscard]] std::string_view label(StreamStep step);
[[nodiscard]] std::string_view label(StreamLoss loss);

/// Times of a stream.
struct StreamTimes {
  Milliseconds step_deadline{10'000};  ///< for each step up to kOnline
  Milliseconds ping_every{30'000};     ///< of silence
  Milliseconds ping_deadline{10'000};
  Backoff ordinary{Milliseconds{250}, Milliseconds{15'000}};
  /// After losses that trying again cannot mend and may worsen (three wrong passwords ban an address on some
  /// servers).
  Backoff patient{Milliseconds{30'000}, Milliseconds{300'000}};
};

/// When to connect, when to ask whether the server still lives, when to give a connection up. gloox has no
/// timers at all.
class Reconnect {
 public:
  enum class Action { kNothing, kConnect, kPing, kGiveUp };

  explicit Reconnect(StreamTimes times) : times_(times) {}

  /// The first attempt is due now.
  void start(MonoTime now);
  /// A step was reached; kOnline ends the row of failures.
  void reached(StreamStep step, MonoTime now);
  /// Anything came from the server.
  void heard(MonoTime now);
  /// The stream is gone; the next attempt comes after a pause, which is returned.
  Milliseconds lost(StreamLoss loss, MonoTime now, Random& random);

  /// What is due; ask again at next().
  [[nodiscard]] Action tick(MonoTime now);
  [[nodiscard]] MonoTime next() const { return due_; }
  [[nodiscard]] StreamStep step() const { return step_; }

 private:
  StreamTimes times_;
  StreamStep step_ = StreamStep::kResting;
  MonoTime due_ = MonoTime::max();
  bool pinged_ = false;
  unsigned failures_ = 0;
};

}  // namespace rostrum::gateway
