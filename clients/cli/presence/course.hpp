// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "clients/cli/output.hpp"

namespace rostrum::cli {

/// What happened in order: a member's changes (rows of presence.transitions) and, between them, where our
/// view was lost and whole again (`kind`: change, view_lost, view_whole).
///
/// `coverages` are rows of presence.coverages from the last before `from` on, the earliest first, each with
/// `lost_at`, the end of the one before. Moments are PostgreSQL's JSON in UTC, which sorts as text does.
[[nodiscard]] Json course_of(const Json& changes, const Json& coverages, const std::string& from);

}  // namespace rostrum::cli
