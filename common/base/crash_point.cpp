// SPDX-License-Identifier: Apache-2.0
#include "common/base/crash_point.hpp"

#ifdef ROSTRUM_CRASH_POINTS

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace rostrum {
namespace {

/// What ROSTRUM_CRASH_AT asks for.
struct Wanted {
  std::string name;
  std::atomic<unsigned> passes_left = 1;

  /// A mistake ends the process: a test that waits for a crash that cannot come would only time out.
  explicit Wanted(const char* text) {
    if (text == nullptr) return;
    const std::string_view words(text);
    const auto colon = words.find(':');
    name = words.substr(0, colon);
    const bool is_known = std::find(kCrashPoints.begin(), kCrashPoints.end(), name) != kCrashPoints.end();
    if (!is_known || (colon != std::string_view::npos && !count(words.substr(colon + 1)))) {
      (void)std::fprintf(
          stderr, "ROSTRUM_CRASH_AT=%s: want NAME or NAME:N, a name of common/base/crash_point.hpp\n", text);
      std::_Exit(2);
    }
  }
  bool count(std::string_view digits) {
    unsigned number = 0;
    const auto end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, number);
    passes_left = number;
    return error == std::errc() && stop == end && number > 0;
  }
};

Wanted& wanted() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment.
  static Wanted from_environment(std::getenv("ROSTRUM_CRASH_AT"));
  return from_environment;
}

}  // namespace

void crash_point(CrashPoint point) {
  auto& crash = wanted();
  if (crash.name != point.name() || --crash.passes_left != 0) return;
  (void)std::fprintf(stderr, "crash point %s\n", crash.name.c_str());
  (void)std::raise(SIGKILL);
}

}  // namespace rostrum

#endif
