// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <string>

#include "common/base/result.hpp"
#include "common/intake/event.hpp"
#include "services/registration/core/event.hpp"

namespace rostrum::registration {

/// Which JIDs members may have.
struct JidRules {
  std::set<std::string, std::less<>> domains;  ///< served by this deployment
  std::set<Jid> reserved;  ///< the site's own account, the control account, administrators
};

/// Reads an event of the contract; rejects what is wrong with it in itself. Whether a sealed password can be
/// opened is looked at elsewhere.
[[nodiscard]] Result<Event, intake::Rejection> parse(const intake::IntakeEvent& event, const JidRules& rules);

/// A password as it came out of its seal: nothing, or what is wrong with it.
[[nodiscard]] std::optional<intake::Rejection> check_password(std::string_view password);

}  // namespace rostrum::registration
