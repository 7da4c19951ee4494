// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace rostrum::bench {

using Seconds = std::chrono::duration<double>;

/// Both clocks of a benchmark are this one: Python's time.monotonic() reads the same.
[[nodiscard]] inline Seconds now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

/// Names and numbers; printed as one JSON object.
using Answer = std::vector<std::pair<std::string, double>>;
using Words = std::vector<std::string>;
using Command = std::function<Answer(const Words& arguments)>;

/// Obeys one line of standard input after the other, `COMMAND ARGUMENT…`, each answered by one line; until
/// the input ends. An exception ends it with exit code 1.
int obey(const std::map<std::string, Command>& commands);

/// p50_ms and p99_ms of single durations.
[[nodiscard]] Answer percentiles(std::vector<Seconds> durations);

}  // namespace rostrum::bench
