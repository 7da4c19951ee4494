// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/metrics/http_port.hpp"

#include <array>
#include <charconv>
#include <stdexcept>
#include <string_view>

#include <arpa/inet.h>
#include <civetweb.h>

namespace rostrum::metrics {

namespace {

struct Answer {
  int status;
  std::string_view reason;
  std::string content_type = "text/plain; charset=utf-8";
  std::string extra_header = {};
  std::string body = {};
};

Answer from_report(const Health::Report& report) {
  return {.status = report.good ? 200 : 503,
          .reason = report.good ? "OK" : "Service Unavailable",
          .body = report.text};
}

Answer answer_to(std::string_view method, std::string_view path, const Registry& registry,
                 const Health& health) {
  if (method != "GET" && method != "HEAD") {
    return {.status = 405,
            .reason = "Method Not Allowed",
            .extra_header = "Allow: GET, HEAD\r\n",
            .body = "GET and HEAD only\n"};
  }
  if (path == "/metrics") {
    return {.status = 200,
            .reason = "OK",
            .content_type = "text/plain; version=0.0.4; charset=utf-8",
            .body = registry.exposition()};
  }
  if (path == "/livez") return from_report(health.live());
  if (path == "/readyz") return from_report(health.ready());
  return {.status = 404, .reason = "Not Found", .body = "here are: /metrics /livez /readyz\n"};
}

std::string serialized(const Answer& answer, bool with_body) {
  auto text = "HTTP/1.1 " + std::to_string(answer.status) + " " + std::string(answer.reason) +
              "\r\nContent-Type: " + answer.content_type +
              "\r\nContent-Length: " + std::to_string(answer.body.size()) +
              "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n" + answer.extra_header +
              "Connection: close\r\n\r\n";
  if (with_body) text += answer.body;
  return text;
}

/// The halves of "address:port", the address without its brackets; nothing where it is not that.
std::optional<std::pair<std::string, int>> split(const std::string& listen) {
  const auto colon = listen.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  auto address = listen.substr(0, colon);
  const bool bracketed = address.starts_with('[') && address.ends_with(']');
  if (bracketed) address = address.substr(1, address.size() - 2);
  std::array<unsigned char, sizeof(in6_addr)> parsed{};
  if (::inet_pton(bracketed ? AF_INET6 : AF_INET, address.c_str(), parsed.data()) != 1) return std::nullopt;
  int port = 0;
  const auto* end = listen.data() + listen.size();
  const auto number = std::from_chars(listen.data() + colon + 1, end, port);
  if (number.ec != std::errc{} || number.ptr != end || port < 0 || port > 65535) return std::nullopt;
  return std::pair(address, port);
}

}  // namespace

std::optional<std::string> listen_problem(const std::string& listen) {
  if (split(listen)) return std::nullopt;
  return "must be a numeric address and a port, 127.0.0.1:9570 or [::1]:9570";
}

struct HttpPort::Server {
  Server(const Registry& r, const Health& h) : registry(r), health(h) { mg_init_library(0); }
  ~Server() {
    if (context != nullptr) mg_stop(context);
    mg_exit_library();
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void start(const std::string& listen);
  static int serve(mg_connection* connection);

  const Registry& registry;
  const Health& health;
  mg_context* context = nullptr;
};

void HttpPort::Server::start(const std::string& listen) {
  // Two threads: one scraper and one probe at a time; the others wait in the queue.
  const std::array<const char*, 11> options = {"listening_ports",
                                               listen.c_str(),
                                               "num_threads",
                                               "2",
                                               "request_timeout_ms",
                                               "5000",
                                               "enable_keep_alive",
                                               "no",
                                               "connection_queue",
                                               "20",
                                               nullptr};
  mg_callbacks callbacks{};
  callbacks.begin_request = &Server::serve;
  callbacks.log_message = [](const mg_connection*, const char*) {
    return 1;
  };  // bind errors are ours to report, clients' noise is nobody's
  std::array<char, 256> reason{};
  mg_error_data error{};
  error.text = reason.data();
  error.text_buffer_size = reason.size();
  mg_init_data init{&callbacks, this, const_cast<const char**>(options.data())};
  context = mg_start2(&init, &error);
  if (context == nullptr) throw std::runtime_error("cannot listen on " + listen + ": " + reason.data());
}

/// Runs in a thread of the server; nothing may be thrown into C.
int HttpPort::Server::serve(mg_connection* connection) {
  const auto* request = mg_get_request_info(connection);
  const auto* server = static_cast<const Server*>(request->user_data);
  const std::string_view method(request->request_method);
  Answer answer{.status = 500, .reason = "Internal Server Error"};
  try {
    answer = answer_to(method, request->local_uri, server->registry, server->health);
    const auto text = serialized(answer, method != "HEAD");
    mg_write(connection, text.data(), text.size());
  } catch (const std::exception&) {
    mg_send_http_error(connection, answer.status, "%s", "out of memory");
  }
  return answer.status;
}

HttpPort::HttpPort(const std::string& listen, const Registry& registry, const Health& health)
    : server_(std::make_unique<Server>(registry, health)) {
  if (const auto problem = listen_problem(listen))
    throw std::runtime_error("cannot listen on " + listen + ": " + *problem);
  server_->start(listen);
}

HttpPort::~HttpPort() = default;

int HttpPort::port() const {
  mg_server_port bound{};
  return mg_get_server_ports(server_->context, 1, &bound) == 1 ? bound.port : 0;
}

}  // namespace rostrum::metrics
