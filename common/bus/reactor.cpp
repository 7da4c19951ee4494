// SPDX-License-Identifier: Apache-2.0
#include "common/bus/reactor.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <deque>
#include <map>
#include <mutex>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <zmq.hpp>

#include "common/base/result.hpp"

namespace rostrum::bus {

namespace {

void check(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
}

std::uint32_t epoll_mask(Interest interest) {
  return (interest.read ? std::uint32_t{EPOLLIN} : 0U) | (interest.write ? std::uint32_t{EPOLLOUT} : 0U);
}

/// A descriptor somebody watches. The serial tells it from an older watch of the same number.
struct Watch {
  int descriptor;
  std::uint64_t serial;
  Interest interest;
  std::function<void(Interest)> on_ready;
};

struct SocketWatch {
  zmq::socket_t* socket;
  int signal_descriptor;
  Reactor::Task on_readable;
  Reactor::Task on_writable;
  bool writable_asked = false;
};

constexpr std::uint64_t kWakeOnly = 0;  // serial of descriptors that only end the wait
constexpr int kMaxWaitMs = 60'000;

}  // namespace

struct Reactor::State {
  using TimerKey = std::pair<MonoTime, std::uint64_t>;

  explicit State(const Clock& c)
      : clock(c), epoll(epoll_create1(EPOLL_CLOEXEC)), wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    check(epoll, "epoll_create1");
    check(wake, "eventfd");
    control(EPOLL_CTL_ADD, wake, EPOLLIN, kWakeOnly);
  }
  ~State() {
    if (signals >= 0) ::close(signals);
    ::close(wake);
    ::close(epoll);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void control(int operation, int descriptor, std::uint32_t mask, std::uint64_t serial) const {
    epoll_event event{};
    event.events = mask;
    event.data.u64 = serial;
    check(epoll_ctl(epoll, operation, descriptor, &event), "epoll_ctl");
  }
  void wake_up() const {
    const std::uint64_t one = 1;
    // A full counter (EAGAIN) already means: awake.
    if (::write(wake, &one, sizeof one) < 0 && errno != EAGAIN) check(-1, "eventfd write");
  }

  void turn();
  bool serve_sockets();
  int wait_ms(bool busy) const;
  void serve_descriptors(int timeout_ms);
  void serve_posted();
  void serve_timers();

  const Clock& clock;
  int epoll;
  int wake;
  int signals = -1;
  std::atomic<bool> stopping{false};

  std::mutex posted_mutex;
  std::deque<Task> posted;

  std::uint64_t last_serial = kWakeOnly;
  std::unordered_map<int, std::shared_ptr<Watch>> watches;
  std::unordered_map<std::uint64_t, std::shared_ptr<Watch>> watches_by_serial;
  std::vector<std::shared_ptr<SocketWatch>> sockets;

  std::uint64_t last_timer = 0;
  std::map<TimerKey, Task> timers;
  std::unordered_map<std::uint64_t, MonoTime> timer_due;

  zmq::context_t context{1};
};

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

Reactor::Reactor(const Clock& clock) : state_(std::make_shared<State>(clock)) {}

Reactor::~Reactor() {
  // What tasks own may hold timers or post; let it go while all of that still stands.
  while (!state_->timers.empty()) {
    auto last = state_->timers.extract(state_->timers.begin());
    state_->timer_due.erase(last.key().second);
  }
  std::deque<Task> unserved;
  {
    const std::scoped_lock lock(state_->posted_mutex);
    unserved.swap(state_->posted);
  }
  unserved.clear();
  state_->watches_by_serial.clear();
  state_->watches.clear();
  ROSTRUM_INVARIANT(state_->sockets.empty());
  state_->context.close();
}

void Reactor::run() {
  while (!state_->stopping) state_->turn();
  state_->stopping = false;
}

void Reactor::stop() {
  state_->stopping = true;
  state_->wake_up();
}

void Reactor::post(Task task) {
  {
    const std::scoped_lock lock(state_->posted_mutex);
    state_->posted.push_back(std::move(task));
  }
  state_->wake_up();
}

void Reactor::watch(int descriptor, Interest interest, std::function<void(Interest)> on_ready) {
  ROSTRUM_INVARIANT(!state_->watches.contains(descriptor));
  auto watch = std::make_shared<Watch>(Watch{descriptor, ++state_->last_serial, {}, std::move(on_ready)});
  state_->watches_by_serial.emplace(watch->serial, watch);
  state_->watches.emplace(descriptor, std::move(watch));
  change(descriptor, interest);
}

void Reactor::change(int descriptor, Interest interest) {
  const auto& watch = state_->watches.at(descriptor);
  const std::uint32_t before = epoll_mask(watch->interest);
  const std::uint32_t after = epoll_mask(interest);
  if (before == after) return;
  // Without any interest it leaves the epoll set, which would go on reporting hang-ups.
  const int operation = before == 0 ? EPOLL_CTL_ADD : after == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
  state_->control(operation, descriptor, after, watch->serial);
  watch->interest = interest;
}

void Reactor::unwatch(int descriptor) {
  change(descriptor, {});
  state_->watches_by_serial.erase(state_->watches.at(descriptor)->serial);
  state_->watches.erase(descriptor);
}

void Reactor::on_signals(std::initializer_list<int> signals, std::function<void(int)> handler) {
  ROSTRUM_INVARIANT(state_->signals < 0);
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  if (const int error = pthread_sigmask(SIG_BLOCK, &set, nullptr); error != 0)
    throw std::system_error(error, std::generic_category(), "pthread_sigmask");
  state_->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  check(state_->signals, "signalfd");
  watch(state_->signals, {.read = true},
        [descriptor = state_->signals, handler = std::move(handler)](Interest) {
          signalfd_siginfo info{};
          while (::read(descriptor, &info, sizeof info) == static_cast<ssize_t>(sizeof info))
            handler(static_cast<int>(info.ssi_signo));
        });
}

const Clock& Reactor::clock() const {
  return state_->clock;
}

zmq::context_t& Reactor::context() {
  return state_->context;
}

void Reactor::watch(zmq::socket_t& socket, Task on_readable, Task on_writable) {
  const int descriptor = socket.get(zmq::sockopt::fd);
  state_->control(EPOLL_CTL_ADD, descriptor, EPOLLIN, kWakeOnly);
  state_->sockets.push_back(std::make_shared<SocketWatch>(
      SocketWatch{&socket, descriptor, std::move(on_readable), std::move(on_writable)}));
}

void Reactor::ask_writable(zmq::socket_t& socket) {
  for (const auto& watch : state_->sockets) {
    if (watch->socket == &socket) watch->writable_asked = true;
  }
}

void Reactor::unwatch(zmq::socket_t& socket) {
  const auto found = std::find_if(state_->sockets.begin(), state_->sockets.end(),
                                  [&](const auto& watch) { return watch->socket == &socket; });
  ROSTRUM_INVARIANT(found != state_->sockets.end());
  state_->control(EPOLL_CTL_DEL, (*found)->signal_descriptor, 0, kWakeOnly);
  (*found)->socket = nullptr;  // a turn at work holds a copy of the list
  state_->sockets.erase(found);
}

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
