// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "services/presence/core/observation.hpp"

namespace rostrum::presence {

/// Why an observation is not believed.
enum class Flaw {
  kMalformed,  ///< not what presence.proto says
  kForeign,    ///< of another domain than the frame's
};

/// Which field, what is wrong with it; never the value.
struct ReadError {
  Flaw flaw;
  std::string text;
};

/// How long ago, as a peer says it; longer than a year is a year.
[[nodiscard]] Milliseconds read_age(std::uint64_t ms);

/// Reads a serialised rostrum.v1.Observation of a domain. Whatever else a ViewLost says, it is believed: that
/// the view is lost must not get lost.
[[nodiscard]] Result<Observation, ReadError> read_observation(std::string_view bytes,
                                                              std::string_view domain);

}  // namespace rostrum::presence
