// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "clients/cli/session.hpp"

namespace rostrum::cli::key {

/// Whose folder of authorized keys, and where it is.
struct Folder {
  std::string service;  ///< empty: named by the caller, no service
  std::string path;
};

/// The services that have one.
[[nodiscard]] const std::vector<std::string>& services();
/// The services at which a peer of this role has business.
[[nodiscard]] std::vector<std::string> services_for(const std::string& role);

/// The folders of this installation: what `authorized_keys` of each service's section says, else
/// authorized_keys/<service> beside the configuration, where that exists. Only of the services that are asked
/// for, if any are. Throws Failure(kUsage) where there is none of them.
[[nodiscard]] std::vector<Folder> folders(const Session& session, const std::vector<std::string>& wanted);

}  // namespace rostrum::cli::key
