// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/world.hpp"

#include <algorithm>
#include <iomanip>
#include <ostream>

namespace rostrum::simulation {

namespace {

/// Some twenty times what the longest history takes.
constexpr std::uint64_t kMostSteps = 2'000'000;

}  // namespace

World::World(std::uint64_t seed, std::ostream* trace) : random_(seed), trace_(trace) {
  // One history in eight is without any fault: then nothing at all may be done twice.
  if (happens(8)) {
    count("histories without a fault");
    return;
  }
  for (bool Faults::*kind : {&Faults::kills, &Faults::cuts, &Faults::stalls, &Faults::unreachable,
                             &Faults::rollbacks, &Faults::doubts, &Faults::store_away, &Faults::server_dies,
                             &Faults::server_fails, &Faults::server_slow})
    faults_.*kind = happens(2);
}

void World::after(Milliseconds delay, std::function<void()> act) {
  coming_.push({now() + delay, ++last_number_, std::move(act)});
}

bool World::step() {
  if (coming_.empty()) return false;
  promise(++steps_ < kMostSteps, "nothing goes round in circles");
  // priority_queue gives its top away only as const; nobody looks at it again before it is gone.
  auto next = std::move(const_cast<Coming&>(coming_.top()));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  coming_.pop();
  clock_.advance(std::chrono::duration_cast<Milliseconds>(next.at - now()));
  next.act();
  return true;
}

void World::live_until(MonoTime moment) {
  while (!coming_.empty() && coming_.top().at <= moment) step();
  clock_.advance(std::chrono::duration_cast<Milliseconds>(moment - now()));
}

void World::harmed(Milliseconds for_long) {
  harmed_until_ = std::max(harmed_until_, now() + for_long);
}

void World::tell(const std::string& words) const {
  const auto since = std::chrono::duration<double>(now() - rostrum::test::FakeClock::kStartMono).count();
  *trace_ << std::fixed << std::setprecision(3) << std::setw(9) << since << "  " << words << std::endl;
}

}  // namespace rostrum::simulation
