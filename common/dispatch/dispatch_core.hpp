// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "common/base/backoff.hpp"
#include "common/base/clock.hpp"
#include "common/base/random.hpp"

namespace rostrum::dispatch {

/// When to claim work and how much, when to settle, when to pause: the thinking of Dispatcher, without
/// tables, links or clock.
///
/// A piece of work is *open* from its claim to its result and *finished* from its result to the commit of its
/// settlement.
class DispatchCore {
 public:
  struct Limits {
    std::size_t claim_batch;  ///< most pieces claimed at once
    std::size_t most_open;    ///< most pieces open at once
    Milliseconds poll;        ///< how long to leave an empty table alone without a kick
    Backoff pause;            ///< pauses of claiming after RETRY
  };
  DispatchCore(Limits limits, Random& random) : limits_(limits), random_(random) {}

  /// There may be new work.
  void kick() { kicked_ = true; }
  /// How many pieces to claim now; the claim is then under way until claimed(). 0: nothing to do.
  [[nodiscard]] std::size_t begin_claim(MonoTime now, std::size_t credit);
  /// The claim under way brought so many; they are open now.
  void claimed(MonoTime now, std::size_t count);

  enum class Ending {
    kReached,  ///< the gateway did something about it, whatever came of it
    kRefused,  ///< RETRY: nobody started it
  };
  /// One open piece has its result.
  void finished(MonoTime now, Ending ending);
  /// How many finished pieces to settle now; the settlement is then under way until settled(). 0: nothing to
  /// do.
  [[nodiscard]] std::size_t begin_settle();
  void settled();

  /// Nothing more is claimed.
  void drain() { draining_ = true; }
  /// Nothing is open, finished or under way.
  [[nodiscard]] bool idle() const { return asked_ == 0 && open_ == 0 && finished_ == 0 && settling_ == 0; }
  [[nodiscard]] std::size_t open() const { return open_; }

 private:
  const Limits limits_;
  Random& random_;
  bool kicked_ = true;  // what an earlier process left behind
  bool draining_ = false;
  std::size_t asked_ = 0;
  std::size_t open_ = 0;
  std::size_t finished_ = 0;
  std::size_t settling_ = 0;
  unsigned refusals_ = 0;  // pauses in a row
  MonoTime paused_until_{};
  MonoTime next_look_{};
};

}  // namespace rostrum::dispatch
