// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

namespace rostrum::cli::check {

/// What came of one request.
struct HttpAnswer {
  int status = 0;
  std::string body;
  std::string error;  ///< why there is no answer; then nothing else is set
};

/// Fetches "http://host:port/path" within the given time; at most 64 KiB. Enough for /readyz, no general
/// client: no TLS, no redirects, no chunks.
[[nodiscard]] HttpAnswer http_get(const std::string& url, std::chrono::milliseconds time);

}  // namespace rostrum::cli::check
