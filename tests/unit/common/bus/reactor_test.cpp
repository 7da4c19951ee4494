// SPDX-License-Identifier: Apache-2.0
#include "common/bus/reactor.hpp"

#include <array>
#include <csignal>
#include <list>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.hpp>

#include "tests/support/fake_clock.hpp"

namespace rostrum::bus {
namespace {

using std::chrono::milliseconds;

/// Two connected descriptors.
struct SocketPair {
  SocketPair() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0); }
  ~SocketPair() {
    close_end(0);
    close_end(1);
  }
  SocketPair(const SocketPair&) = delete;
  SocketPair& operator=(const SocketPair&) = delete;
  void close_end(std::size_t end) {
    if (ends[end] >= 0) ::close(ends[end]);
    ends[end] = -1;
  }
  void write(std::size_t end) const { EXPECT_EQ(::write(ends[end], "x", 1), 1); }
  std::array<int, 2> ends{-1, -1};
};

class ReactorTest : public testing::Test {
 protected:
  ~ReactorTest() override { EXPECT_FALSE(timed_out_); }
  /// A test that hangs ends with a failure.
  void run() {
    guard_.start(milliseconds(10'000), [this] {
      timed_out_ = true;
      reactor_.stop();
    });
    reactor_.run();
  }
  SystemClock clock_;
  Reactor reactor_{clock_};
  Timer guard_{reactor_};
  bool timed_out_ = false;
};

TEST_F(ReactorTest, calls_posted_tasks_in_order_from_any_thread) {
  std::string order;
  std::thread other([&] {
    for (const char letter : {'a', 'b', 'c'}) reactor_.post([&order, letter] { order += letter; });
    reactor_.post([this] { reactor_.stop(); });
  });
  run();
  other.join();
  EXPECT_EQ(order, "abc");
}

TEST_F(ReactorTest, stops_after_the_task_at_hand_and_can_run_again) {
  int calls = 0;
  reactor_.post([&] {
    ++calls;
    reactor_.stop();
  });
  reactor_.post([&] { ++calls; });
  run();
  EXPECT_EQ(calls, 1);
  reactor_.stop();
  run();
  EXPECT_EQ(calls, 1) << "stopped before it ran: serves nothing";
}

TEST_F(ReactorTest, destroys_tasks_that_were_never_called) {
  auto witness = std::make_shared<int>(0);
  {
    Reactor reactor(clock_);
    reactor.post([witness] { FAIL(); });
    Timer timer(reactor);
    timer.start(milliseconds(0), [witness] { FAIL(); });
  }
  EXPECT_EQ(witness.use_count(), 1);
}

TEST_F(ReactorTest, fires_timers_in_order_of_their_time) {
  std::string order;
  Timer late(reactor_);
  Timer early(reactor_);
  Timer never(reactor_);
  late.start(milliseconds(30), [&] {
    order += "late";
    reactor_.stop();
  });
  early.start(milliseconds(10), [&] { order += "early "; });
  never.start(milliseconds(5), [&] { order += "never "; });
  EXPECT_TRUE(never.armed());
  never.stop();
  EXPECT_FALSE(never.armed());
  run();
  EXPECT_EQ(order, "early late");
  EXPECT_FALSE(late.armed());
}

TEST_F(ReactorTest, a_timer_may_move_rearm_and_destroy_itself_in_its_own_task) {
  int fired = 0;
  auto timer = std::make_unique<Timer>(reactor_);
  timer->start(milliseconds(60'000), [] { FAIL(); });
  timer->start(milliseconds(0), [&] {
    ++fired;
    timer->start(milliseconds(0), [&] {
      ++fired;
      timer.reset();
      reactor_.stop();
    });
  });
  run();
  EXPECT_EQ(fired, 2);
}

TEST_F(ReactorTest, a_timer_that_always_rearms_with_no_delay_starves_nobody) {
  Timer greedy(reactor_);
  std::function<void()> again = [&] { greedy.start(milliseconds(0), again); };
  again();
  std::thread other([&] { reactor_.post([&] { reactor_.stop(); }); });
  run();
  other.join();
}

TEST_F(ReactorTest, timers_follow_the_clock_they_were_given) {
  test::FakeClock fake;
  Reactor reactor(fake);
  Timer timer(reactor);
  bool fired = false;
  timer.start(std::chrono::hours(5), [&] {
    fired = true;
    reactor.stop();
  });
  reactor.post([&] { fake.advance(std::chrono::hours(5)); });
  reactor.run();
  EXPECT_TRUE(fired);
}

TEST_F(ReactorTest, a_timer_may_outlive_its_reactor) {
  std::optional<Timer> timer;
  {
    Reactor reactor(clock_);
    timer.emplace(reactor);
    timer->start(milliseconds(1), [] {});
  }
  EXPECT_FALSE(timer->armed());
  timer->stop();
}

TEST_F(ReactorTest, tells_what_a_descriptor_is_ready_for) {
  const SocketPair pair;
  std::vector<std::string> seen;
  reactor_.watch(pair.ends[0], {.write = true}, [&](Interest ready) {
    if (ready.write) {
      seen.emplace_back("write");
      reactor_.change(pair.ends[0], {.read = true});
      pair.write(1);
    } else if (ready.read) {
      seen.emplace_back("read");
      reactor_.unwatch(pair.ends[0]);
      reactor_.stop();
    }
  });
  run();
  EXPECT_EQ(seen, (std::vector<std::string>{"write", "read"}));
}

TEST_F(ReactorTest, shows_a_hang_up_as_readable_and_keeps_quiet_without_interest) {
  SocketPair pair;
  int calls = 0;
  reactor_.watch(pair.ends[0], {}, [&](Interest ready) {
    ++calls;
    EXPECT_TRUE(ready.read);
    reactor_.stop();
  });
  pair.close_end(1);
  Timer timer(reactor_);
  timer.start(milliseconds(20), [&] {
    EXPECT_EQ(calls, 0);
    reactor_.change(pair.ends[0], {.read = true});
  });
  run();
  EXPECT_EQ(calls, 1);
  reactor_.unwatch(pair.ends[0]);
}

TEST_F(ReactorTest, a_descriptor_unwatched_by_another_of_the_same_turn_is_not_called) {
  const SocketPair first;
  const SocketPair second;
  int calls = 0;
  const auto take_both_away = [&](Interest) {
    ++calls;
    reactor_.unwatch(first.ends[0]);
    reactor_.unwatch(second.ends[0]);
    // The same number watched anew must not get the old one's readiness.
    reactor_.watch(second.ends[0], {.write = true}, [&](Interest ready) {
      EXPECT_TRUE(ready.write);
      reactor_.unwatch(second.ends[0]);
      reactor_.stop();
    });
  };
  reactor_.watch(first.ends[0], {.read = true}, take_both_away);
  reactor_.watch(second.ends[0], {.read = true}, take_both_away);
  first.write(1);
  second.write(1);
  run();
  EXPECT_EQ(calls, 1);
}

TEST_F(ReactorTest, hands_signals_to_their_handler) {
  reactor_.on_signals({SIGUSR1, SIGUSR2}, [&](int signal) {
    EXPECT_EQ(signal, SIGUSR2);
    reactor_.stop();
  });
  std::raise(SIGUSR2);
  run();
}

TEST_F(ReactorTest, exceptions_of_tasks_leave_run) {
  reactor_.post([] { throw std::runtime_error("from a task"); });
  EXPECT_THROW(reactor_.run(), std::runtime_error);
}

/// A socket that answers each message until the count is used up, reading one message a turn.
struct Echo {
  Echo(Reactor& r, zmq::socket_type type) : reactor(r), socket(r.context(), type) {
    socket.set(zmq::sockopt::linger, 0);
  }
  ~Echo() { reactor.unwatch(socket); }
  Echo(const Echo&) = delete;
  Echo& operator=(const Echo&) = delete;
  void start(int& left) {
    reactor.watch(socket, [this, &left] {
      zmq::message_t message;
      if (!socket.recv(message, zmq::recv_flags::dontwait)) return;
      if (--left == 0) return reactor.stop();
      static_cast<void>(socket.send(message, zmq::send_flags::dontwait));
    });
  }
  Reactor& reactor;
  zmq::socket_t socket;
};

TEST_F(ReactorTest, serves_forty_sockets_and_loses_no_edge) {
  // Every message makes a send on a socket whose hint another call may just have swallowed; one lost hint and
  // this hangs.
  constexpr int kPairs = 20;
  int left = kPairs * 500;
  std::list<Echo> sockets;
  for (int i = 0; i < kPairs; ++i) {
    const std::string endpoint = "inproc://pair-" + std::to_string(i);
    sockets.emplace_back(reactor_, zmq::socket_type::pair).socket.bind(endpoint);
    sockets.emplace_back(reactor_, zmq::socket_type::pair).socket.connect(endpoint);
    sockets.back().start(left);
    std::prev(sockets.end(), 2)->start(left);
    sockets.back().socket.send(zmq::str_buffer("ball"), zmq::send_flags::none);
  }
  run();
  EXPECT_EQ(left, 0);
}

TEST_F(ReactorTest, sees_what_other_threads_send_while_it_waits) {
  int left = 1'000;
  {
    Echo here(reactor_, zmq::socket_type::pair);
    here.socket.bind("inproc://threads");
    here.start(left);
    std::thread other([this] {
      zmq::socket_t there(reactor_.context(), zmq::socket_type::pair);
      there.set(zmq::sockopt::linger, 0);
      there.set(zmq::sockopt::rcvtimeo, 5'000);
      there.connect("inproc://threads");
      zmq::message_t message("ball", 4);
      for (int i = 1; i < 1'000; ++i) {
        there.send(message, zmq::send_flags::none);
        ASSERT_TRUE(there.recv(message)) << "lost after " << i;
      }
      there.send(message, zmq::send_flags::none);
    });
    run();
    other.join();
  }
  EXPECT_EQ(left, 0);
}

TEST_F(ReactorTest, tells_once_for_each_asking_that_a_socket_takes_a_message) {
  zmq::socket_t here(reactor_.context(), zmq::socket_type::pair);
  here.set(zmq::sockopt::sndhwm, 1);
  here.set(zmq::sockopt::linger, 0);
  zmq::socket_t there(reactor_.context(), zmq::socket_type::pair);
  there.set(zmq::sockopt::rcvhwm, 1);
  here.bind("inproc://full");
  there.connect("inproc://full");
  while (here.send(zmq::str_buffer("x"), zmq::send_flags::dontwait)) {
  }
  int told = 0;
  reactor_.watch(
      here, [] {}, [&] { ++told; });
  reactor_.ask_writable(here);
  Timer drain(reactor_);
  drain.start(milliseconds(20), [&] {
    EXPECT_EQ(told, 0);
    zmq::message_t message;
    while (there.recv(message, zmq::recv_flags::dontwait)) {
    }
    drain.start(milliseconds(20), [&] { reactor_.stop(); });
  });
  run();
  EXPECT_EQ(told, 1);
  reactor_.unwatch(here);
}

}  // namespace
}  // namespace rostrum::bus
