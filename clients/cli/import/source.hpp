// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/secret.hpp"

namespace rostrum::cli::importing {

/// All of a file, which may hold passwords. Throws Failure(kUsage) when it cannot be read or is above 512
/// MiB.
[[nodiscard]] Secret read_file(const std::string& path);

/// 32 hexadecimal digits that stand for these texts in this order (BLAKE2b-128).
[[nodiscard]] std::string digest_of(const std::vector<std::string_view>& texts);

}  // namespace rostrum::cli::importing
