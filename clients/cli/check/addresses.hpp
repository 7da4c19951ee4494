// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/bus/look_up.hpp"

namespace rostrum::cli::check {

/// What one endpoint or base URL leads to, each with the scheme and port of the original: an instance for
/// each address of its name.
struct Instances {
  std::vector<std::string> all;
  std::string trouble;  ///< why there is none
};
[[nodiscard]] Instances instances_of(const std::string& endpoint, bus::LookUp look_up = bus::look_up);

}  // namespace rostrum::cli::check
