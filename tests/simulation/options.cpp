// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/options.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string_view>
#include <thread>

namespace rostrum::simulation {

std::optional<Options> read_options(int argc, char** argv) {
  Options options;
  options.threads = std::max(1U, std::thread::hardware_concurrency());
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : nullptr;
    if (flag == "--trace") {
      options.trace = true;
      options.threads = 1;
      continue;
    }
    if (value == nullptr) return std::nullopt;
    ++i;
    if (flag == "--seeds") {
      options.seeds = std::strtoull(value, nullptr, 10);
    } else if (flag == "--seed") {
      options.first = std::strtoull(value, nullptr, 10);
      options.seeds = 1;
    } else {
      return std::nullopt;
    }
  }
  return options;
}

int usage() {
  std::cerr << R"(usage: simulate [--seeds N] [--seed S] [--trace]

Plays histories of the link under a virtual clock, network and store, and looks at the promises all the while.
Odd seeds are of a site's work (members and notices), even ones of presence.

  --seeds N  the histories of the seeds 1 to N (default 2,000)
  --seed S   the history of seed S alone
  --trace    tells every step in words

Ends with 0 when every promise was kept and nothing was dull; prints the seed otherwise.
)";
  return 2;
}

}  // namespace rostrum::simulation
