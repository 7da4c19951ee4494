// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/base/clock.hpp"
#include "common/bus/load.hpp"

namespace rostrum::intake {

/// How much may be unanswered, so that what waits is committed within a time that can be told: follows what
/// the database really does. Starts at the budget, so that a healthy database is never throttled. Pure.
///
/// A commit of a full batch says how much the database can do. One of a batch that took everything there was
/// says only that it can do at least that much, unless it took longer than the target by itself.
class CommitPace {
 public:
  struct Settings {
    bus::Load budget;                                        ///< never more
    bus::Load batch;                                         ///< the largest commit
    bus::Load floor{256, std::uint64_t{1} * 1'024 * 1'024};  ///< never less, however slow the database is
    Milliseconds target{1'000};
  };
  explicit CommitPace(const Settings& settings);

  /// One transaction: what it held, how long it took from being handed over to its end, and whether more was
  /// waiting already when it began.
  void committed(const bus::Load& load, MonoTime::duration took, bool more_waited);

  /// What all peers together may have unanswered.
  [[nodiscard]] bus::Load window() const;

 private:
  /// What is committed within the target time, of one of the two measures.
  struct Measure {
    double most;
    double capacity = most;
    void observe(double committed, double largest, double targets, bool more_waited);
  };

  Settings settings_;
  Measure items_;
  Measure bytes_;
};

}  // namespace rostrum::intake
