// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/bus/observation_frames.hpp"
#include "services/gateway/core/observation.hpp"

namespace rostrum::gateway {

/// A frame of the observation link, as it leaves now: ages are counted up to this moment.
[[nodiscard]] bus::ObservationsFrame coded(const ObservationFrame& frame, const std::string& domain,
                                           MonoTime now);
/// How long ago that was, in milliseconds: never 0, unless nobody knows.
[[nodiscard]] std::uint64_t age_ms(MonoTime happened, MonoTime now);

}  // namespace rostrum::gateway
