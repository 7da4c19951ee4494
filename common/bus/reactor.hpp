// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>

#include "common/base/clock.hpp"

namespace zmq {
class context_t;
class socket_t;
}  // namespace zmq

namespace rostrum::bus {

/// What one waits for at a descriptor.
struct Interest {
  bool read = false;
  bool write = false;
};

/// The one loop of a service: ZeroMQ sockets, plain descriptors, timers, signals and work posted from other
/// threads, all called one after the other on the thread that is inside run(). Nothing called by it may
/// block. Everything but post() and stop() belongs to that thread (or to the time before run()).
class Reactor {
 public:
  using Task = std::function<void()>;

  explicit Reactor(const Clock& clock);
  ~Reactor();  // closes what is left and ends the ZeroMQ context; sockets must be gone by then
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  /// Serves until stop(). Exceptions of tasks leave run().
  void run();
  /// Ends run() after the task at hand. From any thread, also from a task.
  void stop();
  /// Has the task called by the loop, in order. From any thread. Tasks posted after run() ended are destroyed
  /// uncalled.
  void post(Task task);

  /// Calls `on_ready` with what is possible. A descriptor is watched once; errors and hang-ups show as
  /// readable.
  void watch(int descriptor, Interest interest, std::function<void(Interest ready)> on_ready);
  void change(int descriptor, Interest interest);
  void unwatch(int descriptor);

  /// Calls the handler from the loop for each of these signals; they are blocked for other delivery. Once per
  /// process, before other threads start.
  void on_signals(std::initializer_list<int> signals, std::function<void(int signal)> handler);

  [[nodiscard]] const Clock& clock() const;

  // For this folder only: ZeroMQ sockets.
  [[nodiscard]] zmq::context_t& context();
  /// `on_readable` is called while the socket has something to read; it should read a bounded number of
  /// messages. `on_writable` is called once after each ask_writable(), when the socket takes a message.
  void watch(zmq::socket_t& socket, Task on_readable, Task on_writable = {});
  void ask_writable(zmq::socket_t& socket);
  void unwatch(zmq::socket_t& socket);

 private:
  friend class Timer;
  struct State;
  std::shared_ptr<State> state_;
};

/// One timer: armed or not. Arming again moves it; destroying disarms it. Belongs to the reactor's thread;
/// may be destroyed in its own task.
class Timer {
 public:
  explicit Timer(Reactor& reactor);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void start(Milliseconds delay, Reactor::Task task);
  void stop();
  [[nodiscard]] bool armed() const;

 private:
  std::weak_ptr<Reactor::State> reactor_;
  std::uint64_t id_ = 0;
};

}  // namespace rostrum::bus
