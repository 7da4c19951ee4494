// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/socket.h>

#include "common/metrics/http_message.hpp"

namespace rostrum::metrics {

/// A file descriptor that is closed when it goes.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

/// One thread that answers short GETs for machines. Bounded in connections, in time and in the size of a
/// request: a newcomer takes the place of the one that has been at its request for longest. Not for browsers,
/// files or bodies.
class HttpServer {
 public:
  /// Called in the server's thread.
  using Handler = std::function<HttpAnswer(const HttpRequest&)>;

  struct Limits {
    std::size_t max_connections;
    std::chrono::milliseconds max_duration;  ///< of one connection
  };

  /// `listening` is a bound, listening, non-blocking socket.
  HttpServer(Descriptor listening, Handler handler, Limits limits);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

 private:
  enum class Phase { kReading, kWriting, kClosing, kDone };
  struct Connection {
    Descriptor socket;
    std::chrono::steady_clock::time_point deadline;
    Phase phase = Phase::kReading;
    std::string received = {};
    std::string unsent = {};
  };

  void run();
  void wait();
  void accept();
  void make_room();
  void step(Connection& connection) const;
  void read(Connection& connection) const;
  static void write(Connection& connection);
  static void drain(Connection& connection);
  [[nodiscard]] std::string answer_to(const std::string& head) const;

  Descriptor listening_;
  Descriptor stop_;
  Handler handler_;
  Limits limits_;
  std::vector<Connection> connections_;
  std::thread thread_;  // last: it uses all the others
};

}  // namespace rostrum::metrics
