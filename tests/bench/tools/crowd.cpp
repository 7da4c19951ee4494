// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/tools/crowd.hpp"

namespace rostrum::bench {

Presence presence_of(const std::string& domain, std::size_t members, std::size_t change) {
  constexpr std::size_t kShows = 5;
  const auto round = change / members;
  return {"crowd-" + std::to_string(change % members) + "@" + domain, "device", round % kShows,
          static_cast<int>(round % 100), "In a meeting, the " + std::to_string(round) + "th of the day"};
}

}  // namespace rostrum::bench
