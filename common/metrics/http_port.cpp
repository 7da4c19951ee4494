// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/metrics/http_port.hpp"

#include <charconv>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "common/metrics/http_server.hpp"

namespace rostrum::metrics {

namespace {

constexpr int kBacklog = 64;

/// An address of the kernel's kind.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

template <class Address>
SocketAddress stored(const Address& address) {
  SocketAddress stored;
  std::memcpy(&stored.storage, &address, sizeof address);
  stored.length = sizeof address;
  return stored;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, port);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return port;
}

std::optional<SocketAddress> parse_listen(const std::string& listen) {
  const auto colon = listen.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  const auto port = parse_port(std::string_view(listen).substr(colon + 1));
  if (!port) return std::nullopt;
  auto address = listen.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(*port);
    if (::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1) return stored(v6);
    return std::nullopt;
  }
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(*port);
  if (::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) return stored(v4);
  return std::nullopt;
}

Descriptor bind_to(const std::string& listen) {
  if (const auto problem = listen_problem(listen))
    throw std::runtime_error("cannot listen on " + listen + ": it " + *problem);
  const auto address = *parse_listen(listen);
  Descriptor socket(::socket(address.get()->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  // Without it a restart would have to wait for the old connections' TIME_WAIT.
  if (socket.get() >= 0) ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (socket.get() < 0 || ::bind(socket.get(), address.get(), address.length) != 0 ||
      ::listen(socket.get(), kBacklog) != 0) {
    throw std::runtime_error("cannot listen on " + listen + ": " + std::generic_category().message(errno));
  }
  return socket;
}

int port_of(const Descriptor& socket) {
  SocketAddress bound;
  bound.length = sizeof bound.storage;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&bound.storage), &bound.length) != 0) return 0;
  // The port has the same place in both kinds of address.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&bound.storage)->sin_port);
}

HttpAnswer from_report(const Health::Report& report) {
  return {report.good ? 200 : 503, report.text};
}

HttpAnswer answer_to(const HttpRequest& request, const Registry& registry, const Health& health) {
  if (request.method != "GET" && request.method != "HEAD") return {405, "GET and HEAD only\n"};
  if (request.path == "/metrics")
    return {200, registry.exposition(), "text/plain; version=0.0.4; charset=utf-8"};
  if (request.path == "/livez") return from_report(health.live());
  if (request.path == "/readyz") return from_report(health.ready());
  return {404, "here are: /metrics /livez /readyz\n"};
}

}  // namespace

std::optional<std::string> listen_problem(const std::string& listen) {
  if (parse_listen(listen)) return std::nullopt;
  return "must be a numeric address and a port, 127.0.0.1:9570 or [::1]:9570";
}

struct HttpPort::Server {
  Server(Descriptor socket, const Registry& registry, const Health& health, Limits limits)
      : port(port_of(socket)),
        http(std::move(socket),
             [&](const HttpRequest& request) { return answer_to(request, registry, health); },
             {limits.max_connections, limits.max_duration}) {}

  int port;
  HttpServer http;
};

HttpPort::HttpPort(const std::string& listen, const Registry& registry, const Health& health, Limits limits)
    : server_(std::make_unique<Server>(bind_to(listen), registry, health, limits)) {}

HttpPort::~HttpPort() = default;

int HttpPort::port() const {
  return server_->port;
}

}  // namespace rostrum::metrics
