// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/check/http_get.hpp"

#include <optional>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace rostrum::cli::check {
namespace {

using std::chrono::milliseconds;

/// Answers one request with fixed bytes; with none it keeps silent until the client goes away.
class OneAnswer {
 public:
  explicit OneAnswer(std::optional<std::string> answer)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(::listen(socket_, 1), 0);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, answer = std::move(answer)] { serve(answer); });
  }
  ~OneAnswer() {
    thread_.join();
    ::close(socket_);
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/readyz"; }
  [[nodiscard]] const std::string& request() const { return request_; }

 private:
  void serve(const std::optional<std::string>& answer) {
    const int peer = ::accept(socket_, nullptr, nullptr);
    char bytes[512];
    const ssize_t got = ::recv(peer, bytes, sizeof bytes, 0);
    if (got > 0) request_.assign(bytes, static_cast<std::size_t>(got));
    if (answer) {
      ::send(peer, answer->data(), answer->size(), MSG_NOSIGNAL);
    } else {
      while (::recv(peer, bytes, sizeof bytes, 0) > 0) continue;
    }
    ::close(peer);
  }

  int socket_;
  unsigned port_ = 0;
  std::string request_;
  std::thread thread_;
};

TEST(HttpGet, gives_status_and_body) {
  const OneAnswer server(
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\n\r\ndatabase: away\n");
  const auto answer = http_get(server.url(), milliseconds(2'000));
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "database: away\n");
}

TEST(HttpGet, asks_for_the_path_of_the_url) {
  std::string request;
  {
    OneAnswer server("HTTP/1.0 200 OK\r\n\r\n");
    EXPECT_EQ(http_get(server.url(), milliseconds(2'000)).status, 200);
    request = server.request();
  }
  EXPECT_EQ(request.rfind("GET /readyz HTTP/1.0\r\nHost: 127.0.0.1\r\n", 0), 0U) << request;
}

TEST(HttpGet, says_what_is_wrong_with_an_answer) {
  const OneAnswer other_protocol("220 mail.example.org ESMTP\r\n");
  EXPECT_EQ(http_get(other_protocol.url(), milliseconds(2'000)).error, "the answer is not HTTP");
  const OneAnswer endless("HTTP/1.0 200 OK\r\n\r\n" + std::string(200'000, 'x'));
  EXPECT_EQ(http_get(endless.url(), milliseconds(2'000)).error, "the answer is too long");
}

TEST(HttpGet, waits_no_longer_than_it_was_told) {
  const OneAnswer silent(std::nullopt);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(http_get(silent.url(), milliseconds(100)).error, "no answer in time");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(2'000));
}

TEST(HttpGet, tells_a_refused_connection_and_a_wrong_address) {
  EXPECT_EQ(http_get("http://127.0.0.1:9/readyz", milliseconds(1'000)).error, "Connection refused");
  for (const auto* url :
       {"", "127.0.0.1:80", "https://127.0.0.1:80/", "http://host/", "http://host:80", "http://:80/"}) {
    EXPECT_EQ(http_get(url, milliseconds(1'000)).error, "not of the form http://host:port") << url;
  }
}

}  // namespace
}  // namespace rostrum::cli::check
