// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/check/http_get.hpp"

#include <cerrno>
#include <charconv>
#include <memory>
#include <optional>
#include <regex>
#include <system_error>

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace rostrum::cli::check {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kLargestAnswerBytes = std::size_t{64} * 1024;

std::string error_text(int error) {
  return std::generic_category().message(error);
}

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket() { ::close(descriptor_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  [[nodiscard]] int get() const { return descriptor_; }

  [[nodiscard]] bool wait(short events, Clock::time_point deadline) const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd poll{.fd = descriptor_, .events = events, .revents = 0};
    return left.count() > 0 && ::poll(&poll, 1, static_cast<int>(left.count())) == 1;
  }

 private:
  int descriptor_;
};

/// Nothing when connected; else why not.
std::optional<std::string> connect(const Socket& socket, const addrinfo& address,
                                   Clock::time_point deadline) {
  if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0) return std::nullopt;
  if (errno != EINPROGRESS) return error_text(errno);
  if (!socket.wait(POLLOUT, deadline)) return "no answer in time";
  int error = 0;
  socklen_t length = sizeof error;
  ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  if (error == 0) return std::nullopt;
  return error_text(error);
}

HttpAnswer failed(std::string why) {
  return {.status = 0, .body = {}, .error = std::move(why)};
}

/// "HTTP/1.1 503 …", headers, body until the end of the connection.
HttpAnswer parse(const std::string& bytes) {
  const auto space = bytes.find(' ');
  const auto body = bytes.find("\r\n\r\n");
  int status = 0;
  if (bytes.starts_with("HTTP/1.") && space != std::string::npos) {
    std::from_chars(bytes.data() + space + 1, bytes.data() + bytes.size(), status);
  }
  if (status == 0 || body == std::string::npos) return failed("the answer is not HTTP");
  return {.status = status, .body = bytes.substr(body + 4), .error = {}};
}

HttpAnswer converse(const Socket& socket, const std::string& request, Clock::time_point deadline) {
  if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return failed("the connection broke");
  }
  std::string bytes;
  char piece[4'096];
  while (bytes.size() < kLargestAnswerBytes) {
    if (!socket.wait(POLLIN, deadline)) return failed("no answer in time");
    const ssize_t got = ::recv(socket.get(), piece, sizeof piece, 0);
    if (got < 0) return failed(error_text(errno));
    if (got == 0) return parse(bytes);
    bytes.append(piece, static_cast<std::size_t>(got));
  }
  return failed("the answer is too long");
}

}  // namespace

HttpAnswer http_get(const std::string& url, std::chrono::milliseconds time) {
  static const std::regex kUrl(R"(http://(\[[0-9a-fA-F:.]+\]|[^/:\[\]]+):(\d{1,5})(/.*))");
  std::smatch parts;
  if (url.size() > 1'024 || !std::regex_match(url, parts, kUrl))
    return failed("not of the form http://host:port");
  std::string host = parts[1].str();
  if (host.front() == '[') host = host.substr(1, host.size() - 2);

  const auto deadline = Clock::now() + time;
  const addrinfo hints{.ai_flags = AI_NUMERICSERV, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), parts[2].str().c_str(), &hints, &found); error != 0)
    return failed(::gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);

  std::string why = "no address";
  for (const auto* address = addresses.get(); address != nullptr; address = address->ai_next) {
    const Socket socket(::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (const auto error = connect(socket, *address, deadline)) {
      why = *error;
      continue;
    }
    return converse(socket, "GET " + parts[3].str() + " HTTP/1.0\r\nHost: " + parts[1].str() + "\r\n\r\n",
                    deadline);
  }
  return failed(why);
}

}  // namespace rostrum::cli::check
