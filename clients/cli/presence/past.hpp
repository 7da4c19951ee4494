// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "clients/cli/output.hpp"

namespace rostrum::cli {

/// Whether it was known at a moment who was online, for people: "example.org: known then (view whole from …
/// to …)". `domain` says what the coverages around the moment were: `began_at` and `ended_at` of the one it
/// lies in; else `lost_at`, `reason` of the one before, `regained_at` of the one after. All may be null.
[[nodiscard]] std::string past_knowledge_of(const Json& domain);

}  // namespace rostrum::cli
