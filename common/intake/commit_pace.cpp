// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/intake/commit_pace.hpp"

#include <algorithm>

namespace rostrum::intake {
namespace {

constexpr double kShortest = 1e-6;  // targets; no clock tells less
constexpr double kFull = 0.5;       // of the largest batch

std::uint64_t at_least(std::uint64_t floor, double capacity, double most) {
  return static_cast<std::uint64_t>(std::min(most, std::max(capacity, static_cast<double>(floor))));
}

}  // namespace

CommitPace::CommitPace(const Settings& settings)
    : settings_(settings),
      items_{static_cast<double>(settings.budget.items)},
      bytes_{static_cast<double>(settings.budget.bytes)} {}

void CommitPace::committed(const bus::Load& load, MonoTime::duration took, bool more_waited) {
  using Seconds = std::chrono::duration<double>;
  const double targets = std::max(kShortest, Seconds(took) / Seconds(settings_.target));
  items_.observe(static_cast<double>(load.items), static_cast<double>(settings_.batch.items), targets,
                 more_waited);
  bytes_.observe(static_cast<double>(load.bytes), static_cast<double>(settings_.batch.bytes), targets,
                 more_waited);
}

// A measurement counts for as much of the target time as it lasted: a hiccup does little, and what has become
// slow or quick for good is known after about the target time.
void CommitPace::Measure::observe(double committed, double largest, double targets, bool more_waited) {
  const double seen = committed / targets;
  const bool tells_all = targets > 1 || (more_waited && committed >= kFull * largest);
  if (tells_all)
    capacity += (seen - capacity) * std::min(1.0, targets);
  else
    capacity = std::max(capacity, seen);
  capacity = std::min(capacity, most);
}

bus::Load CommitPace::window() const {
  return {at_least(settings_.floor.items, items_.capacity, items_.most),
          at_least(settings_.floor.bytes, bytes_.capacity, bytes_.most)};
}

}  // namespace rostrum::intake
