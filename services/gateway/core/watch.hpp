// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "services/gateway/core/sighting.hpp"

namespace rostrum::gateway {

/// A message of the presence watch (docs/presence-watch.md), as text.
struct WatchMessage {
  enum class Kind { kPresences, kSnapshotEnd, kEnded };
  struct Item {
    enum class Kind { kAvailable, kUnavailable, kOther };
    Kind kind;
    std::string_view jid;
    std::string_view show;
    std::string_view priority;
    std::string_view age;
    std::string_view ending;
    std::string status;
  };
  Kind kind;
  std::string_view watch;
  std::string_view number;  ///< kEnded has none
  std::string_view reason;  ///< of kEnded
  std::vector<Item> items;  ///< of kPresences
};

/// The error that answers a request for a watch.
struct WatchRefusal {
  std::string condition;  ///< RFC 6120 §8.3.3
  std::string text;       ///< the server's words
};

/// Our side of the presence watch: asks for one, believes it while every number comes in its turn, asks for a
/// new one when not.
class Watch {
 public:
  struct Step {
    Sightings seen;
    bool ask = false;  ///< for a watch, after what was seen
  };

  explicit Watch(PresenceAddresses addresses) : addresses_(std::move(addresses)) {}

  /// The stream stands, or is gone.
  [[nodiscard]] Step online(MonoTime now);
  [[nodiscard]] Step offline();
  /// The answer to what was asked last; an empty name is none.
  [[nodiscard]] Step granted(const std::string& watch, MonoTime now);
  [[nodiscard]] Step refused(const WatchRefusal& refusal, MonoTime now);
  /// A message from the server's bare domain.
  [[nodiscard]] Step told(const WatchMessage& message, MonoTime now);
  [[nodiscard]] Step tick(MonoTime now);

 private:
  enum class State {
    kAway,     ///< no stream
    kAsked,    ///< no answer yet; what still comes is of the watch before
    kTold,     ///< a watch is ours
    kResting,  ///< asks again when it is due
  };

  void ask(Step& step, MonoTime now);
  void rest(MonoTime until);
  void start_over(Step& step, const std::string& reason, MonoTime now);
  void ended(Step& step, std::string_view reason, MonoTime now);
  void read(Step& step, const WatchMessage::Item& item, MonoTime now) const;
  [[nodiscard]] static MonoTime since(const WatchMessage::Item& item, Distrusts& distrusts, MonoTime now);

  PresenceAddresses addresses_;
  State state_ = State::kAway;
  std::string name_;
  std::uint64_t next_number_ = 1;
  MonoTime asked_{};
  MonoTime due_ = MonoTime::max();
};

}  // namespace rostrum::gateway
