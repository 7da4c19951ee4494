// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "clients/cli/session.hpp"
#include "rostrum/publisher.hpp"

namespace rostrum::cli {

/// Which intake a command speaks to.
enum class Intake { kRegistration, kNotification };

/// Publishes one event with the site's key and waits for its outcome. Throws Failure(kUnreachable) with the
/// reason when there is none, and says then whether the event may have been taken.
[[nodiscard]] Outcome publish(Session& session, Intake intake, Event event);

/// Says what became of the event (`what` names it: "member anna"), and what exit code that is.
ExitCode report(Session& session, const std::string& what, const Outcome& outcome);

/// The revision a command was given, or the clock's microseconds: always more than before.
[[nodiscard]] Event with_revision(Event event, std::uint64_t revision_or_nought);

}  // namespace rostrum::cli
