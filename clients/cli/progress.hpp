// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "clients/cli/output.hpp"
#include "clients/cli/session.hpp"

namespace rostrum::cli {

/// One line of how far a notice has come: "118 of 120 sent, 64 delivered, 1 failed". `notice` is a row of
/// notification.notices.
[[nodiscard]] std::string progress_line(const Json& notice);

/// The notice's row, or nothing (null) while the view does not show it.
[[nodiscard]] Json read_notice(Session& session, const std::string& notice_id);

/// Shows a progress line on standard error until every delivery has been sent or has ended; then waits a
/// moment longer for receipts, as long as they keep coming. Returns the last row; throws Failure(kFailed)
/// when the time is over.
[[nodiscard]] Json wait_until_done(Session& session, const std::string& notice_id, std::chrono::seconds time);

}  // namespace rostrum::cli
