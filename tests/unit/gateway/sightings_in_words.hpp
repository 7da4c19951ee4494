// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "services/gateway/core/sighting.hpp"

namespace rostrum::test {

/// What a source told, each with "; " behind it: `view began; anna/phone came away 12s ago; ben/desk left; `.
std::string in_words(const gateway::Sightings& seen, MonoTime now);

}  // namespace rostrum::test
