// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/tools/obey.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>
#include <iterator>
#include <sstream>

namespace rostrum::bench {
namespace {

void print(const Answer& answer) {
  const char* before = "{";
  for (const auto& [name, value] : answer) {
    std::printf("%s\"%s\": %.9g", before, name.c_str(), value);
    before = ", ";
  }
  std::puts("}");
  std::fflush(stdout);
}

}  // namespace

int obey(const std::map<std::string, Command>& commands) {
  try {
    for (std::string line; std::getline(std::cin, line);) {
      std::istringstream words(line);
      std::string name;
      words >> name;
      print(commands.at(name)(Words(std::istream_iterator<std::string>(words), {})));
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}

Answer percentiles(std::vector<Seconds> durations) {
  std::sort(durations.begin(), durations.end());
  const auto at = [&](std::size_t percent) {
    return durations.at((durations.size() - 1) * percent / 100).count() * 1e3;
  };
  return {{"p50_ms", at(50)}, {"p99_ms", at(99)}};
}

}  // namespace rostrum::bench
