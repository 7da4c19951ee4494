// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/jid.hpp"
#include "common/base/secret.hpp"
#include "common/base/uuid.hpp"
#include "services/gateway/core/outcome.hpp"

namespace rostrum::gateway {

/// One thing asked at the account door (docs/account-door.md).
struct DoorRequest {
  enum class Action { kCreate, kSetPassword, kRemove };
  Action action;
  Jid account;
  std::string claim;
  Secret password;  ///< empty for kRemove
};

/// What came back for a request.
struct DoorReply {
  bool good;
  std::string error_type;  ///< `wait`, `cancel`, … (RFC 6120 §8.3.2)
  std::string condition;   ///< defined condition of an error, e.g. `conflict`; for a good reply the door's
                           ///< word, e.g. `created`
  std::string text;
};

/// What a reply means to the one who asked.
[[nodiscard]] Outcome outcome_of(const DoorReply& reply);

struct DoorLimits {
  /// Asked and not yet answered: each account costs the server one password hash, and its other users wait
  /// meanwhile.
  std::size_t in_flight = 4;
  std::size_t waiting = 16'384;
  Milliseconds answer_deadline{10'000};
};

/// Asks at the account door, a few at a time, in the order of arrival.
class Door {
 public:
  struct Transmit {
    std::uint64_t request;  ///< names the request until its reply
    DoorRequest content;
  };
  struct Answer {
    Uuid command;
    Outcome outcome;
  };
  /// Streams are processed in order: a server that leaves one request unanswered answers none. End this
  /// stream.
  struct GiveUpStream {};
  using Effect = std::variant<Transmit, Answer, GiveUpStream>;
  using Effects = std::vector<Effect>;

  explicit Door(DoorLimits limits = {}) : limits_(limits) {}

  [[nodiscard]] Effects ask(const Uuid& command, DoorRequest content, MonoTime deadline, MonoTime now);
  /// The stream stands and the door behind it is one that we can use.
  [[nodiscard]] Effects opened(MonoTime now);
  /// What was asked becomes UNKNOWN, what waits RETRY with this condition.
  [[nodiscard]] Effects closed(const std::string& condition);
  [[nodiscard]] Effects replied(std::uint64_t request, const DoorReply& reply, MonoTime now);
  [[nodiscard]] Effects stop();
  [[nodiscard]] Effects tick(MonoTime now);

  [[nodiscard]] std::size_t in_flight() const { return asked_.size(); }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Waiting {
    Uuid command;
    DoorRequest content;
    MonoTime deadline;
  };
  struct Asked {
    Uuid command;
    MonoTime deadline;
  };

  void advance(Effects& effects, MonoTime now);
  void release_waiting(Effects& effects, const std::string& condition);

  DoorLimits limits_;
  bool open_ = false;
  bool stopping_ = false;
  std::string shut_because_ = "not-connected";
  std::uint64_t next_request_ = 1;
  std::deque<Waiting> waiting_;
  std::map<std::uint64_t, Asked> asked_;
};

}  // namespace rostrum::gateway
