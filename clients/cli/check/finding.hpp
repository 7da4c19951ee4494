// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "clients/cli/session.hpp"

namespace rostrum::cli::check {

/// One thing looked at.
struct Finding {
  std::string name;  ///< "notification tcp://127.0.0.1:5572"
  bool good;
  std::string detail;  ///< what was found
  std::string remedy;  ///< the line that mends it; empty when good
};
using Findings = std::vector<Finding>;

[[nodiscard]] inline Finding good(std::string name, std::string detail) {
  return {std::move(name), true, std::move(detail), {}};
}
[[nodiscard]] inline Finding bad(std::string name, std::string detail, std::string remedy) {
  return {std::move(name), false, std::move(detail), std::move(remedy)};
}

/// A name that leads to nobody.
[[nodiscard]] inline Finding nowhere(std::string name, const std::string& why) {
  return bad(std::move(name), "cannot find its address: " + why,
             "see to it that the name has an address, or mend it in [cli]");
}

// One file each. They look, each for a bounded time, and throw nothing.
[[nodiscard]] Findings look_at_keys(const Settings& settings);
[[nodiscard]] Findings look_at_intakes(const Settings& settings);
[[nodiscard]] Findings look_at_database(const Settings& settings);
[[nodiscard]] Findings look_at_presence(const Settings& settings);
[[nodiscard]] Findings look_at_services(const Settings& settings);
[[nodiscard]] Findings look_at_gateways(const Settings& settings);

}  // namespace rostrum::cli::check
