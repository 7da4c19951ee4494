// SPDX-License-Identifier: GPL-3.0-or-later
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <set>
#include <string>

#include <unistd.h>

#include "tests/simulation/work_history.hpp"

namespace rostrum::simulation {
namespace {

struct Options {
  std::uint64_t first = 1;
  std::uint64_t seeds = 2'000;
  bool one = false;
  bool trace = false;
};

int usage() {
  std::cerr << "usage: simulation [--seeds N] [--seed S] [--trace]\n"
               "  --seeds N  plays the histories 1 to N (default 2,000)\n"
               "  --seed S   plays history S alone\n"
               "  --trace    tells every step in words\n";
  return 2;
}

std::optional<Options> read(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    const bool has_value = i + 1 < argc;
    if (flag == "--trace") {
      options.trace = true;
    } else if (flag == "--seeds" && has_value) {
      options.seeds = std::strtoull(argv[++i], nullptr, 10);
    } else if (flag == "--seed" && has_value) {
      options.first = std::strtoull(argv[++i], nullptr, 10);
      options.seeds = 1;
      options.one = true;
    } else {
      return std::nullopt;
    }
  }
  return options;
}

void add(Tally& sum, const Tally& tally) {
  for (const auto& [what, times] : tally) sum[what] += times;
}

int run(const Options& options) {
  Tally sum;
  for (auto seed = options.first; seed < options.first + options.seeds; ++seed) {
    World world(seed, options.trace ? &std::cout : nullptr);
    try {
      WorkHistory(world).play();
    } catch (const Broken& broken) {
      std::cout << "seed " << seed << ": " << broken.what() << "\nevery step of it: simulation --seed "
                << seed << " --trace" << std::endl;
      return 1;
    }
    add(sum, world.tally());
  }
  for (const auto& [what, times] : sum) std::cout << times << "  " << what << '\n';
  return 0;
}

}  // namespace
}  // namespace rostrum::simulation

int main(int argc, char** argv) {
  const auto options = rostrum::simulation::read(argc, argv);
  return options ? rostrum::simulation::run(*options) : rostrum::simulation::usage();
}
