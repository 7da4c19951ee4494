// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/metrics/http_message.hpp"

#include <algorithm>

namespace rostrum::metrics {

namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

/// RFC 9110 §9.1 with §5.6.2, as far as methods go that anybody uses.
bool is_method(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

bool is_complete(std::string_view received) {
  return received.find(kHeadEnd) != std::string_view::npos;
}

Result<HttpRequest, HttpAnswer> parse_request(std::string_view head) {
  const auto line = head.substr(0, head.find("\r\n"));
  const auto first = line.find(' ');
  const auto second = line.find(' ', first == std::string_view::npos ? first : first + 1);
  if (second == std::string_view::npos) return HttpAnswer{400, "not a request\n"};
  const auto method = line.substr(0, first);
  const auto target = line.substr(first + 1, second - first - 1);
  const auto protocol = line.substr(second + 1);
  if (!is_method(method) || !target.starts_with('/') || (protocol != "HTTP/1.1" && protocol != "HTTP/1.0")) {
    return HttpAnswer{400, "not a request\n"};
  }
  return HttpRequest{std::string(method), std::string(target.substr(0, target.find('?')))};
}

std::string serialized(const HttpAnswer& answer, bool with_body) {
  std::string text =
      "HTTP/1.1 " + std::to_string(answer.status) + " " + std::string(reason_of(answer.status)) + "\r\n";
  text += "Content-Type: " + answer.content_type + "\r\n";
  text += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
  if (answer.status == 405) text += "Allow: GET, HEAD\r\n";  // RFC 9110 §15.5.6
  text += "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n";
  return with_body ? text + answer.body : text;
}

}  // namespace rostrum::metrics
