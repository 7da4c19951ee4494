// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>

namespace rostrum::simulation {

/// Which histories are played, and how.
struct Options {
  std::uint64_t first = 1;
  std::uint64_t seeds = 2'000;
  unsigned threads = 1;
  bool trace = false;
};

/// From the command line; nothing: it is wrong, or asks for help.
[[nodiscard]] std::optional<Options> read_options(int argc, char** argv);
/// Tells how it is used; the exit status.
int usage();

}  // namespace rostrum::simulation
