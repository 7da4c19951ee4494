// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "common/config/config.hpp"

namespace rostrum::config {

/// The options as a Markdown table, one row each in the order in which they are read: what
/// `--config-reference` prints and docs/operations.md holds.
[[nodiscard]] std::string reference_table(const std::vector<OptionDoc>& options);

}  // namespace rostrum::config
