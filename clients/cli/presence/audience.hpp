// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "clients/cli/views.hpp"

namespace rostrum::cli {

/// Throw Failure(kFailed) when there is no such group or member; an empty name means anybody.
void expect_group(const Views& views, const std::string& group);
void expect_member(const Views& views, const std::string& member);

}  // namespace rostrum::cli
