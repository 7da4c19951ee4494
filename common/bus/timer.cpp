// SPDX-License-Identifier: Apache-2.0
#include "common/base/result.hpp"
#include "common/bus/reactor_state.hpp"

namespace rostrum::bus {

Timer::Timer(Reactor& reactor) : reactor_(reactor.state_) {}

Timer::~Timer() {
  stop();
}

void Timer::start(Milliseconds delay, Reactor::Task task) {
  stop();
  const auto reactor = reactor_.lock();
  ROSTRUM_INVARIANT(reactor != nullptr);
  id_ = ++reactor->last_timer;
  const MonoTime due = reactor->clock.mono() + delay;
  reactor->timer_due.emplace(id_, due);
  reactor->timers.emplace(Reactor::State::TimerKey{due, id_}, std::move(task));
}

void Timer::stop() {
  const auto reactor = reactor_.lock();
  if (!reactor) return;
  const auto found = reactor->timer_due.find(id_);
  if (found == reactor->timer_due.end()) return;
  const auto task = reactor->timers.extract(
      {found->second, id_});  // destroyed after the maps are in order: it may own other timers
  reactor->timer_due.erase(found);
}

bool Timer::armed() const {
  const auto reactor = reactor_.lock();
  return reactor && reactor->timer_due.contains(id_);
}

}  // namespace rostrum::bus
