// SPDX-License-Identifier: Apache-2.0
#include "common/bus/reactor.hpp"

#include <algorithm>
#include <csignal>
#include <system_error>
#include <utility>

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <zmq.hpp>

#include "common/base/result.hpp"
#include "common/bus/reactor_state.hpp"

namespace rostrum::bus {

namespace {

std::uint32_t epoll_mask(Interest interest) {
  return (interest.read ? std::uint32_t{EPOLLIN} : 0U) | (interest.write ? std::uint32_t{EPOLLOUT} : 0U);
}

}  // namespace

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
  auto watch = std::make_shared<State::Watch>(
      State::Watch{descriptor, ++state_->last_serial, {}, std::move(on_ready)});
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
  state_->control(EPOLL_CTL_ADD, descriptor, EPOLLIN, State::kWakeOnly);
  state_->sockets.push_back(std::make_shared<State::SocketWatch>(
      State::SocketWatch{&socket, descriptor, std::move(on_readable), std::move(on_writable)}));
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
  state_->control(EPOLL_CTL_DEL, (*found)->signal_descriptor, 0, State::kWakeOnly);
  (*found)->socket = nullptr;  // a turn at work holds a copy of the list
  state_->sockets.erase(found);
}

}  // namespace rostrum::bus
