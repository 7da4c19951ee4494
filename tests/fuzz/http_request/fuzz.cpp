// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever bytes come as a request to the HTTP port: it is read, or answered 400; an answer is one head and
// the body it announces, and nothing of the request's bytes gets into either.
#include <algorithm>

#include "common/metrics/http_message.hpp"
#include "tests/fuzz/support/input.hpp"

namespace {

using namespace rostrum;
using namespace rostrum::metrics;

void hold_answer(const HttpAnswer& answer) {
  const auto whole = serialized(answer, true);
  const auto head = serialized(answer, false);
  ROSTRUM_INVARIANT(is_complete(head) && whole == head + answer.body);
  ROSTRUM_INVARIANT(head.find("\r\n\r\n") == head.size() - 4);
  ROSTRUM_INVARIANT(head.find("\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n") !=
                    std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto received = fuzz::text_of(data, size);
  if (is_complete(received)) ROSTRUM_INVARIANT(size >= 4);
  const auto request = parse_request(received);
  if (!request) {
    ROSTRUM_INVARIANT(request.error().status == 400 && request.error().body == "not a request\n");
    hold_answer(request.error());
    return 0;
  }
  const auto& [method, path] = request.value();
  ROSTRUM_INVARIANT(std::all_of(method.begin(), method.end(), [](char c) { return c >= 'A' && c <= 'Z'; }));
  ROSTRUM_INVARIANT(!method.empty() && path.starts_with('/') &&
                    path.find_first_of("? ") == std::string::npos);
  ROSTRUM_INVARIANT(path.find("\r\n") == std::string::npos && path.size() < size);
  ROSTRUM_INVARIANT(received.starts_with(method + ' ' + path));
  hold_answer({404, "there is no such page\n"});
  return 0;
}
