// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/metrics/http_port.hpp"

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace rostrum::metrics {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

/// A connection to the port, from outside: plain sockets, so that not even the server's library is shared.
class Client {
 public:
  Client(int family, int port) : fd_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(static_cast<std::uint16_t>(port));
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = v4.sin_port;
    v6.sin6_addr = in6addr_loopback;
    const auto* address =
        family == AF_INET ? reinterpret_cast<const sockaddr*>(&v4) : reinterpret_cast<const sockaddr*>(&v6);
    connected_ = ::connect(fd_, address, family == AF_INET ? sizeof v4 : sizeof v6) == 0;
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }
  void send(const std::string& bytes) const {
    EXPECT_EQ(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  /// All that comes until the server closes.
  [[nodiscard]] std::string receive() const {
    std::string all;
    std::array<char, 4096> buffer{};
    for (;;) {
      const auto got = ::recv(fd_, buffer.data(), buffer.size(), 0);
      if (got <= 0) return all;
      all.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  int fd_;
  bool connected_ = false;
};

class HttpPortTest : public testing::Test {
 protected:
  std::string ask(const std::string& method, const std::string& path) {
    const Client client(AF_INET, port_.port());
    EXPECT_TRUE(client.connected());
    client.send(method + " " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
    return client.receive();
  }

  Registry registry_;
  Health health_;
  Health::Part& part_ = health_.part("database");
  HttpPort port_{"127.0.0.1:0", registry_, health_};
};

TEST_F(HttpPortTest, shows_the_metrics) {
  registry_.counter("rostrum_events_total", "Events.").add(5);
  const auto answer = ask("GET", "/metrics");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_THAT(answer, HasSubstr("\nrostrum_events_total 5\n"));
}

TEST_F(HttpPortTest, answers_readiness_with_200_or_503_and_the_reason) {
  part_.bad("connection refused");
  EXPECT_THAT(ask("GET", "/readyz"), testing::AllOf(StartsWith("HTTP/1.1 503 "),
                                                    EndsWith("\r\n\r\ndatabase: connection refused\n")));
  part_.good();
  EXPECT_THAT(ask("GET", "/readyz"),
              testing::AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\ndatabase: good\n")));
}

TEST_F(HttpPortTest, answers_liveness) {
  EXPECT_THAT(ask("GET", "/livez"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpPortTest, sends_no_body_to_head) {
  const auto answer = ask("HEAD", "/livez");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 14\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(HttpPortTest, refuses_other_methods) {
  for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
    EXPECT_THAT(ask(method, "/metrics"),
                testing::AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET, HEAD\r\n")))
        << method;
  }
}

TEST_F(HttpPortTest, lists_what_there_is_where_nothing_is) {
  for (const auto* path : {"/", "/metrics/x", "/metricsx", "/../etc/passwd", "/%2e%2e/etc/passwd"}) {
    EXPECT_THAT(ask("GET", path),
                testing::AllOf(StartsWith("HTTP/1.1 404 "), HasSubstr("/metrics /livez /readyz")))
        << path;
  }
}

TEST_F(HttpPortTest, survives_what_is_not_http) {
  const Client silent(AF_INET, port_.port());
  const Client hasty(AF_INET, port_.port());
  hasty.send("GET /met");
  for (const auto* garbage : {"\x16\x03\x01\x02", "nonsense", "GET", "GET ", "GET  HTTP/1.1",
                              "get / HTTP/1.1", "GET /livez HTTP/2", "GET livez HTTP/1.1"}) {
    const Client client(AF_INET, port_.port());
    client.send(std::string(garbage) + "\r\n\r\n");
    EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 400 ")) << garbage;
  }
  const Client endless(AF_INET, port_.port());
  endless.send("GET /" + std::string(20000, 'x'));
  EXPECT_THAT(endless.receive(), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(ask("GET", "/livez"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpPortTest, takes_a_request_in_pieces_and_ignores_its_query) {
  const Client client(AF_INET, port_.port());
  for (const auto* piece : {"GET /liv", "ez?verbose=1 HTT", "P/1.1\r\nHost: test\r", "\n\r\n"})
    client.send(piece);
  EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpPortTest, answers_before_it_reads_a_body) {
  const Client client(AF_INET, port_.port());
  client.send("POST /metrics HTTP/1.1\r\nContent-Length: 5000\r\n\r\n" + std::string(5000, 'x'));
  EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 405 "));
}

TEST_F(HttpPortTest, answers_several_clients) {
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 10; ++i) clients.push_back(std::make_unique<Client>(AF_INET, port_.port()));
  for (const auto& client : clients) client->send("GET /livez HTTP/1.1\r\nHost: test\r\n\r\n");
  for (const auto& client : clients) EXPECT_THAT(client->receive(), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpPortTest, says_which_address_is_taken) {
  const auto taken = "127.0.0.1:" + std::to_string(port_.port());
  try {
    const HttpPort second(taken, registry_, health_);
    FAIL() << "bound twice";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), StartsWith("cannot listen on " + taken));
  }
}

TEST(HttpPort, cuts_off_who_does_not_finish) {
  const Registry registry;
  const Health health;
  const HttpPort port("127.0.0.1:0", registry, health,
                      {.max_connections = 2, .max_duration = Milliseconds{50}});
  std::vector<std::unique_ptr<Client>> silent;
  for (int i = 0; i < 5; ++i) silent.push_back(std::make_unique<Client>(AF_INET, port.port()));
  const Client patient(AF_INET, port.port());
  patient.send("GET /livez HTTP/1.1\r\n\r\n");
  EXPECT_THAT(patient.receive(), StartsWith("HTTP/1.1 200 OK\r\n"));
  for (const auto& client : silent) EXPECT_EQ(client->receive(), "");
}

TEST(HttpPort, answers_at_once_however_many_do_not_finish) {
  const Registry registry;
  const Health health;
  const HttpPort port("127.0.0.1:0", registry, health,
                      {.max_connections = 8, .max_duration = std::chrono::minutes(5)});
  std::vector<std::unique_ptr<Client>> half_open;
  for (int i = 0; i < 100; ++i) {
    half_open.push_back(std::make_unique<Client>(AF_INET, port.port()));
    half_open.back()->send("GET /livez HTT");
  }
  const Client patient(AF_INET, port.port());
  patient.send("GET /livez HTTP/1.1\r\n\r\n");
  EXPECT_THAT(patient.receive(), StartsWith("HTTP/1.1 200 OK\r\n")) << "not after five minutes";
}

TEST(HttpPort, listens_on_the_other_loopback_too) {
  const Registry registry;
  const Health health;
  const HttpPort port("[::1]:0", registry, health);
  const Client client(AF_INET6, port.port());
  ASSERT_TRUE(client.connected());
  client.send("GET /livez HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_FALSE(Client(AF_INET, port.port()).connected());
}

TEST(ListenProblem, wants_a_numeric_address_and_a_port) {
  for (const auto* good : {"127.0.0.1:9570", "0.0.0.0:1", "[::1]:9570", "[::]:65535"})
    EXPECT_FALSE(listen_problem(good)) << good;
  for (const auto* bad : {"", "9570", ":9570", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
                          "127.0.0.1:-1", "::1:9570", "[127.0.0.1]:9570", "localhost:9570", "127.0.0.1:9570s",
                          "127.0.0.1:9570,0.0.0.0:80", "127.0.0.1:95 70"}) {
    EXPECT_TRUE(listen_problem(bad)) << bad;
  }
}

}  // namespace
}  // namespace rostrum::metrics
