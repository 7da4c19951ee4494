// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/metrics/http_server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace rostrum::metrics {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPauseWithoutDescriptors{100};

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/// Signals are for the reactor's thread: a new thread inherits the mask of the one that starts it.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~AllSignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

int new_event() {
  const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return fd;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

HttpServer::HttpServer(Descriptor listening, Handler handler, Limits limits)
    : listening_(std::move(listening)), stop_(new_event()), handler_(std::move(handler)), limits_(limits) {
  const AllSignalsBlocked blocked;
  thread_ = std::thread([this] { run(); });
}

HttpServer::~HttpServer() {
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
}

void HttpServer::run() {
  eventfd_t stopped = 0;
  while (::eventfd_read(stop_.get(), &stopped) != 0) {
    wait();
    const auto now = steady_clock::now();
    for (auto& connection : connections_) {
      step(connection);
      if (now >= connection.deadline) connection.phase = Phase::kDone;
    }
    std::erase_if(connections_,
                  [](const Connection& connection) { return connection.phase == Phase::kDone; });
    accept();
  }
}

/// Until something can be done, or the next deadline. Which socket it was is not asked: all of these few are
/// tried.
void HttpServer::wait() {
  std::vector<pollfd> waited = {{stop_.get(), POLLIN, 0}, {listening_.get(), POLLIN, 0}};
  auto first_deadline = steady_clock::time_point::max();
  for (const auto& connection : connections_) {
    const short wanted = connection.phase == Phase::kWriting ? POLLOUT : POLLIN;
    waited.push_back({connection.socket.get(), wanted, 0});
    first_deadline = std::min(first_deadline, connection.deadline);
  }
  int timeout_ms = -1;
  if (!connections_.empty()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(first_deadline - steady_clock::now());
    timeout_ms = static_cast<int>(std::max<std::int64_t>(left.count(), 0));
  }
  ::poll(waited.data(), waited.size(), timeout_ms);
}

/// At most half of the places in one turn, so that who has just come has time for a request.
void HttpServer::accept() {
  for (std::size_t count = 0; count < std::max<std::size_t>(1, limits_.max_connections / 2); ++count) {
    Descriptor socket(::accept4(listening_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.get() < 0) {
      // Out of descriptors or memory: the waiting connection stays readable, so waiting for it would be a
      // busy loop.
      if (!would_block() && errno != ECONNABORTED) std::this_thread::sleep_for(kPauseWithoutDescriptors);
      return;
    }
    if (connections_.size() >= limits_.max_connections) make_room();
    connections_.push_back(
        {.socket = std::move(socket), .deadline = steady_clock::now() + limits_.max_duration});
    step(connections_.back());  // the request is mostly there already
  }
}

/// A request of ours comes whole and at once: who has been at it for longest will hardly be one.
void HttpServer::make_room() {
  const auto idle = std::find_if(connections_.begin(), connections_.end(), [](const Connection& connection) {
    return connection.phase != Phase::kWriting;
  });
  connections_.erase(idle != connections_.end() ? idle : connections_.begin());
}

void HttpServer::step(Connection& connection) const {
  if (connection.phase == Phase::kReading) read(connection);
  if (connection.phase == Phase::kWriting) write(connection);
  if (connection.phase == Phase::kClosing) drain(connection);
}

void HttpServer::read(Connection& connection) const {
  std::array<char, 4096> buffer{};
  while (!is_complete(connection.received) && connection.received.size() <= kMaxRequestBytes) {
    const auto got = ::recv(connection.socket.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && would_block()) return;
    if (got <= 0) {
      connection.phase = Phase::kDone;
      return;
    }
    connection.received.append(buffer.data(), static_cast<std::size_t>(got));
  }
  connection.unsent = answer_to(connection.received);
  connection.phase = Phase::kWriting;
}

std::string HttpServer::answer_to(const std::string& head) const {
  if (!is_complete(head)) return serialized({431, "request too large\n"}, true);
  const auto request = parse_request(head);
  if (!request) return serialized(request.error(), true);
  try {
    return serialized(handler_(request.value()), request.value().method != "HEAD");
  } catch (const std::exception&) {
    return serialized({500, "the answer could not be made\n"}, true);
  }
}

void HttpServer::write(Connection& connection) {
  while (!connection.unsent.empty()) {
    const auto sent =
        ::send(connection.socket.get(), connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL);
    if (sent < 0 && would_block()) return;
    if (sent < 0) {
      connection.phase = Phase::kDone;
      return;
    }
    connection.unsent.erase(0, static_cast<std::size_t>(sent));
  }
  ::shutdown(connection.socket.get(), SHUT_WR);
  connection.phase = Phase::kClosing;
}

/// RFC 9112 §9.6: closing while bytes of the client are unread would reset the connection, and the client
/// might lose our answer.
void HttpServer::drain(Connection& connection) {
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto got = ::recv(connection.socket.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && would_block()) return;
    if (got <= 0) break;
  }
  connection.phase = Phase::kDone;
}

}  // namespace rostrum::metrics
