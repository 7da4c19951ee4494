// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "clients/cli/output.hpp"
#include "clients/cli/session.hpp"
#include "clients/cli/views.hpp"

namespace rostrum::cli {

/// Whether it is known who is online, and if not, what to do about it; for people.
struct Knowledge {
  std::string text;    ///< "known since 2026-11-25 19:58:01Z, told by gateway-1, epoch 7"
  std::string remedy;  ///< empty where it is known
};

/// Of one domain: a row of read_domains().
[[nodiscard]] Knowledge knowledge_of(const Json& domain);

/// Every domain of a member or of a gateway, as presence.domains has it, with `held` (the lease is in force)
/// and `reason` (why the view was lost last); all null but `domain` where no gateway has ever told anything.
[[nodiscard]] Json read_domains(const Views& views);

/// A line for each domain, with what to do below it; also says so when there is none.
void print_knowledge(Session& session, const Json& domains);

}  // namespace rostrum::cli
