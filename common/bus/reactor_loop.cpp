// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <system_error>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/bus/reactor_state.hpp"

namespace rostrum::bus {

namespace {

constexpr int kMaxWaitMs = 60'000;

}  // namespace

void check(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
}

Reactor::State::State(const Clock& c)
    : clock(c), epoll(epoll_create1(EPOLL_CLOEXEC)), wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  check(epoll, "epoll_create1");
  check(wake, "eventfd");
  control(EPOLL_CTL_ADD, wake, EPOLLIN, kWakeOnly);
}

Reactor::State::~State() {
  if (signals >= 0) ::close(signals);
  ::close(wake);
  ::close(epoll);
}

void Reactor::State::control(int operation, int descriptor, std::uint32_t mask, std::uint64_t serial) const {
  epoll_event event{};
  event.events = mask;
  event.data.u64 = serial;
  check(epoll_ctl(epoll, operation, descriptor, &event), "epoll_ctl");
}

void Reactor::State::wake_up() const {
  const std::uint64_t one = 1;
  // A full counter (EAGAIN) already means: awake.
  if (::write(wake, &one, sizeof one) < 0 && errno != EAGAIN) check(-1, "eventfd write");
}

// A ZeroMQ socket's descriptor says only "look at ZMQ_EVENTS", and any call on the socket, also a send, may
// take that hint away. So every turn looks at every socket, and the loop waits only when all of them, looked
// at in a row with no other call between, had nothing to say: from then on the first command for any of them
// makes its descriptor readable. (zmq_poll() does the same, but for ten items at most.)
void Reactor::State::turn() {
  const bool busy = serve_sockets();
  if (stopping) return;
  serve_descriptors(wait_ms(busy));
  if (!stopping) serve_posted();
  if (!stopping) serve_timers();
}

bool Reactor::State::serve_sockets() {
  bool busy = false;
  const auto now_watched = sockets;  // a task may watch and unwatch
  for (const auto& watch : now_watched) {
    if (watch->socket == nullptr) continue;
    const int events = watch->socket->get(zmq::sockopt::events);
    if ((events & ZMQ_POLLIN) != 0) {
      busy = true;
      watch->on_readable();
      if (stopping) return true;
    }
    if ((events & ZMQ_POLLOUT) != 0 && watch->socket != nullptr &&
        std::exchange(watch->writable_asked, false)) {
      busy = true;
      watch->on_writable();
      if (stopping) return true;
    }
  }
  return busy;
}

int Reactor::State::wait_ms(bool busy) const {
  if (busy) return 0;
  if (timers.empty()) return kMaxWaitMs;
  const auto wait = std::chrono::ceil<Milliseconds>(timers.begin()->first.first - clock.mono());
  return static_cast<int>(std::clamp<Milliseconds::rep>(wait.count(), 0, kMaxWaitMs));
}

void Reactor::State::serve_descriptors(int timeout_ms) {
  std::array<epoll_event, 64> events{};
  const int count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), timeout_ms);
  if (count < 0 && errno != EINTR) check(count, "epoll_wait");
  for (int i = 0; i < count && !stopping; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    const std::uint64_t serial = event.data.u64;  // a copy: the kernel packs this structure
    const auto found = watches_by_serial.find(serial);
    if (found == watches_by_serial.end()) continue;  // a wake-up, or unwatched by a task of this turn
    const auto watch = found->second;
    const bool broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
    watch->on_ready(
        {.read = broken || (event.events & EPOLLIN) != 0, .write = (event.events & EPOLLOUT) != 0});
  }
}

void Reactor::State::serve_posted() {
  std::uint64_t wakes = 0;
  if (::read(wake, &wakes, sizeof wakes) < 0 && errno != EAGAIN) check(-1, "eventfd read");
  std::deque<Task> tasks;
  {
    const std::scoped_lock lock(posted_mutex);
    tasks.swap(posted);
  }
  while (!tasks.empty() && !stopping) {
    const Task task = std::move(tasks.front());
    tasks.pop_front();
    task();
  }
  if (tasks.empty()) return;
  {
    // stop() came in between: they have their turn in the next run(), before what was posted meanwhile.
    const std::scoped_lock lock(posted_mutex);
    posted.insert(posted.begin(), std::make_move_iterator(tasks.begin()),
                  std::make_move_iterator(tasks.end()));
  }
  wake_up();
}

void Reactor::State::serve_timers() {
  const MonoTime now = clock.mono();
  const std::uint64_t last_of_this_turn = last_timer;  // a timer armed by a timer waits for the next turn
  auto next = timers.begin();
  while (next != timers.end() && next->first.first <= now && !stopping) {
    if (next->first.second > last_of_this_turn) {
      ++next;
      continue;
    }
    const Task task = std::move(next->second);
    timer_due.erase(next->first.second);
    timers.erase(next);
    task();
    next = timers.begin();
  }
}

}  // namespace rostrum::bus
