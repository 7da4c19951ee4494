// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace rostrum::metrics {

/// What is answered to one request.
struct HttpAnswer {
  int status;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
};

/// The first line of a request (RFC 9112 §3). Header fields are of no interest here: no answer depends on
/// one.
struct HttpRequest {
  std::string method;
  std::string path;  ///< without the query
};

inline constexpr std::size_t kMaxRequestBytes = 8192;

/// Whether `received` holds a whole request head.
[[nodiscard]] bool is_complete(std::string_view received);
/// The request at the beginning of a complete head, or what to answer where it is none.
[[nodiscard]] Result<HttpRequest, HttpAnswer> parse_request(std::string_view head);
/// As it goes over the wire; the connection is closed after every answer.
[[nodiscard]] std::string serialized(const HttpAnswer& answer, bool with_body);

}  // namespace rostrum::metrics
