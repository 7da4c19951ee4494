// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include <zmq.hpp>

#include "common/bus/reactor.hpp"

namespace rostrum::bus {

/// What a Reactor knows, and one turn of its loop. For reactor*.cpp and timer.cpp only.
struct Reactor::State {
  /// A descriptor somebody watches. The serial tells it from an older watch of the same number.
  struct Watch {
    int descriptor;
    std::uint64_t serial;
    Interest interest;
    std::function<void(Interest)> on_ready;
  };
  struct SocketWatch {
    zmq::socket_t* socket;  ///< nullptr: unwatched in this turn
    int signal_descriptor;
    Task on_readable;
    Task on_writable;
    bool writable_asked = false;
  };
  using TimerKey = std::pair<MonoTime, std::uint64_t>;
  static constexpr std::uint64_t kWakeOnly = 0;  ///< serial of descriptors that only end the wait

  explicit State(const Clock& c);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void control(int operation, int descriptor, std::uint32_t mask, std::uint64_t serial) const;
  void wake_up() const;

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

/// Throws std::system_error with errno when a system call's result is negative.
void check(int result, const char* what);

}  // namespace rostrum::bus
