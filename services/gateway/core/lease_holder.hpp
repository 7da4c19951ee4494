// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/random.hpp"

namespace rostrum::gateway {

/// The answer to a claim (presence.proto, LeaseAnswer).
struct LeaseAnswer {
  std::uint64_t number;
  bool granted;
  std::uint64_t epoch;
  std::uint64_t last_sequence;
  Milliseconds valid;
  std::string owner;  ///< refused: who has it; empty: the domain is not served
};

/// Whether we own the domain's presence. Claims while there is a conversation with the presence service, and
/// goes on owning without one until an answer says otherwise: nobody can tell us meanwhile, and whoever takes
/// over is told apart by the epoch.
class LeaseHolder {
 public:
  struct SendClaim {
    std::string token;  ///< 16 random bytes, for one period of ownership
    std::uint64_t number;
  };
  struct SendRelease {
    std::uint64_t epoch;
  };
  /// We own it, and may tell what is beyond `last_sequence`. Comes again, with the same epoch, in each new
  /// conversation.
  struct Own {
    std::uint64_t epoch;
    std::uint64_t last_sequence;
  };
  struct Disown {
    std::string reason;  ///< `refused`, `stopping`, …
  };
  using Effect = std::variant<SendClaim, SendRelease, Own, Disown>;
  using Effects = std::vector<Effect>;

  enum class State {
    kAway,     ///< no conversation
    kAsking,   ///< no answer yet
    kStandby,  ///< somebody else owns it
    kOwner,
  };

  explicit LeaseHolder(Random& random) : random_(random) {}

  /// A conversation with the presence service stands, or has ended.
  [[nodiscard]] Effects begun(MonoTime now);
  void ended();
  [[nodiscard]] Effects answered(const LeaseAnswer& answer, MonoTime now);
  /// Somebody else owns it, as was heard elsewhere.
  [[nodiscard]] Effects lost(const std::string& reason, MonoTime now);
  /// Gives it back and claims a new period at once: under the present epoch nothing true can be told any
  /// more.
  [[nodiscard]] Effects begin_anew(const std::string& reason, MonoTime now);
  /// Gives it back and claims no more.
  [[nodiscard]] Effects stop();
  /// What is due; ask again at next().
  [[nodiscard]] Effects tick(MonoTime now);
  [[nodiscard]] MonoTime next() const { return due_; }

  [[nodiscard]] State state() const;
  [[nodiscard]] bool owns() const { return epoch_ > 0; }
  /// Others may have it by now: it was not renewed in time.
  [[nodiscard]] bool lapsed(MonoTime now) const { return owns() && now >= valid_until_; }
  /// For kStandby: name of the owner's key; empty: the domain is not served.
  [[nodiscard]] const std::string& owner() const { return owner_; }
  /// Neither owns it nor could come to own it by an answer that is on its way.
  [[nodiscard]] bool at_rest() const { return !owns() && claims_.empty(); }

 private:
  [[nodiscard]] SendClaim claim(MonoTime now);
  [[nodiscard]] Effects granted(const LeaseAnswer& answer, MonoTime sent);
  [[nodiscard]] Effects refused(const LeaseAnswer& answer, MonoTime now);
  void give_up(Effects& effects, const std::string& reason);

  Random& random_;
  bool connected_ = false;
  bool heard_ = false;  // an answer, in this conversation
  bool standby_ = false;
  bool stopping_ = false;
  std::string token_;        // empty: of no period
  std::uint64_t epoch_ = 0;  // 0: not ours
  std::string owner_;
  MonoTime valid_until_{};
  MonoTime due_ = MonoTime::max();
  std::uint64_t number_ = 0;
  std::map<std::uint64_t, MonoTime> claims_;  // without an answer, and when they were sent
};

}  // namespace rostrum::gateway
