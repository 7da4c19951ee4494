// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "clients/cli/dead/letters.hpp"
#include "clients/cli/session.hpp"

namespace rostrum::cli::dead {

/// What is to be done with dead letters.
struct Operation {
  enum class Kind { kReplay, kDrop } kind;
  std::string extend_by;  ///< replay: "3600 seconds", for what is past its expiry; empty: not
};

/// How many had which outcome: "replayed" or "dropped", or the word for why not.
using Outcomes = std::map<std::string, std::size_t>;

/// Does it as rostrum_operator, a thousand at a time, with a progress bar. Ctrl-C ends it between two
/// portions; what has been done then is in the outcomes. Failure(kUnreachable), or
/// Failure(kFailed) where the database refuses, says how many were done before.
[[nodiscard]] Outcomes carry_out(Session& session, const Operation& operation,
                                 const std::vector<Letter>& letters);

}  // namespace rostrum::cli::dead
